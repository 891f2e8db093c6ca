package dev.parley.policies.rule;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelOptions;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.standard.AddOperator;
import java.util.Set;

/**
 * CEL as policies speak it: the standard language without what can take unbounded time or get round the types.
 *
 * <p>Left out: {@code matches} (an expression of its own, with costs of its own), {@code dyn} and {@code type} (they hide a
 * value's type from the checker), {@code bytes} and {@code uint} (no request holds such values). Limits: the constants here,
 * and in {@link ExpressionLimits} those that concern an expression's shape. With them an expression takes at most
 * {@value #MAX_ITERATIONS} steps of all its loops together, each over at most {@value #MAX_NODES} nodes.
 */
final class Cel {
    /** Characters of one expression. */
    static final int MAX_CHARACTERS = 2_000;
    /** Nodes of one expression after its macros have been expanded. */
    static final int MAX_NODES = 600;
    /** Nesting of one expression. */
    static final int MAX_NESTING = 24;
    /** Steps of all loops in one evaluation. */
    static final int MAX_ITERATIONS = 5_000;
    /** Characters of a text that an expression puts together. */
    static final int MAX_TEXT = 4_000;

    private static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(MAX_CHARACTERS)
            .maxParseExpressionNodeCount(MAX_NODES)
            .maxParseRecursionDepth(MAX_NESTING)
            .maxParseErrorRecoveryLimit(4)
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .enableHeterogeneousNumericComparisons(true)
            .errorOnIntWrap(true)
            .errorOnDuplicateMapKeys(true)
            .populateMacroCalls(true)
            .build();

    private static final Set<CelStandardDeclarations.StandardFunction> LEFT_OUT = Set.of(
            CelStandardDeclarations.StandardFunction.MATCHES,
            CelStandardDeclarations.StandardFunction.DYN,
            CelStandardDeclarations.StandardFunction.TYPE,
            CelStandardDeclarations.StandardFunction.BYTES,
            CelStandardDeclarations.StandardFunction.UINT);

    private static final CelStandardDeclarations DECLARATIONS =
            CelStandardDeclarations.newBuilder().excludeFunctions(LEFT_OUT).build();

    /** Evaluates; safe to use from any thread. */
    static final CelRuntime RUNTIME = CelRuntimeFactory.plannerRuntimeBuilder()
            .setOptions(OPTIONS)
            .setStandardFunctions(CelStandardFunctions.newBuilder()
                    .filterFunctions((function, overload) -> function != CelStandardFunctions.StandardFunction.MATCHES
                            && overload != AddOperator.AddOverload.ADD_STRING)
                    .build())
            .addFunctionBindings(CelFunctionBinding.from("add_string", String.class, String.class, Cel::join))
            .build();

    private Cel() {}

    /** Begins a compiler with the language's functions, macros and limits; names are added by the caller. */
    static CelCompilerBuilder compiler() {
        return CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setStandardEnvironmentEnabled(false)
                .setStandardDeclarations(DECLARATIONS);
    }

    /** Joining is what makes texts grow; doubled thirty times over, one would fill the memory. */
    private static String join(String a, String b) {
        if (a.length() + b.length() > MAX_TEXT) {
            throw new CelInvalidArgumentException("a text of more than " + MAX_TEXT + " characters is put together");
        }
        return a + b;
    }
}
