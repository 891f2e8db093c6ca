package dev.parley.policies.rule;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.runtime.CelEvaluationException;
import dev.parley.policies.document.NearestWord;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.request.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names that expressions of one policy may use for one kind of request, with their types. Checks expressions against
 * them.
 */
final class Names {
    private static final Pattern UNDEFINED_FIELD = Pattern.compile("undefined field '([^']{1,64})'.*", Pattern.DOTALL);
    private static final Pattern UNDECLARED =
            Pattern.compile("undeclared reference to '([^']{1,64})'.*", Pattern.DOTALL);
    private static final Pattern NO_OVERLOAD =
            Pattern.compile("found no matching overload for '([^']+)' applied to '([^']+)'.*", Pattern.DOTALL);
    private static final int MAX_MESSAGE = 200;

    private final CelCompiler compiler;
    private final Set<String> words;

    private Names(CelCompiler compiler, Set<String> words) {
        this.compiler = compiler;
        this.words = words;
    }

    /** {@code request} and {@code params}. */
    static Names of(ValueType.Struct request, ValueType.Struct params) {
        ExpressionTypes types = new ExpressionTypes();
        CelType requestType = types.of(request);
        CelType paramsType = types.of(params);
        Set<String> words = new TreeSet<>(types.fieldNames());
        words.addAll(Situation.ROOTS);
        return new Names(
                Cel.compiler()
                        .setTypeProvider(types.provider())
                        .addVar(Situation.REQUEST, requestType)
                        .addVar(Situation.PARAMS, paramsType)
                        .build(),
                words);
    }

    /** These, and a variable. */
    Names and(String variable, CelType type) {
        Set<String> more = new TreeSet<>(words);
        more.add(variable);
        return new Names(
                compiler.toCompilerBuilder()
                        .addVar(Situation.VARIABLES + "." + variable, type)
                        .build(),
                more);
    }

    /** @throws RefusedException at the very place in the expression */
    Expression checkCondition(Yaml.Scalar text, String what) throws RefusedException {
        return check(text, what, Optional.of(SimpleType.BOOL));
    }

    /** As {@link #checkCondition}, for text. */
    Expression checkText(Yaml.Scalar text, String what) throws RefusedException {
        return check(text, what, Optional.of(SimpleType.STRING));
    }

    /** As {@link #checkCondition}, for a value of any type. */
    Expression checkValue(Yaml.Scalar text, String what) throws RefusedException {
        return check(text, what, Optional.empty());
    }

    /** Checks an expression that this program itself has put together from a checked one. */
    Optional<Expression> derive(String text) {
        try {
            CelValidationResult result = compiler.compile(text);
            return result.hasError() ? Optional.empty() : Optional.of(new Expression(text, result.getAst(), this));
        } catch (CelValidationException | CelEvaluationException e) {
            return Optional.empty();
        }
    }

    private Expression check(Yaml.Scalar scalar, String what, Optional<CelType> expected) throws RefusedException {
        String text = scalar.value();
        if (text.isBlank() || text.length() > Cel.MAX_CHARACTERS) {
            throw new RefusedException(
                    scalar.place(), what + " has 1 to " + Cel.MAX_CHARACTERS + " characters, got " + text.length());
        }
        try {
            CelValidationResult result = compiler.compile(text);
            if (result.hasError()) {
                throw refused(scalar, what, result);
            }
            CelAbstractSyntaxTree tree = result.getAst();
            CelType type = tree.getResultType();
            if (expected.isPresent() && !expected.get().equals(type)) {
                throw new RefusedException(
                        scalar.at(0), what + " is of type " + expected.get().name() + ", got " + type.name());
            }
            Optional<ExpressionLimits.Violation> violation = ExpressionLimits.check(tree);
            if (violation.isPresent()) {
                int offset = tree.getSource()
                        .getPositionsMap()
                        .getOrDefault(violation.get().id(), 0);
                throw new RefusedException(
                        scalar.at(offset), what + ": " + violation.get().rule());
            }
            return new Expression(text, tree, this);
        } catch (CelValidationException | CelEvaluationException e) {
            throw new RefusedException(scalar.at(0), what + " cannot be checked: " + oneLine(e.getMessage()));
        }
    }

    private RefusedException refused(Yaml.Scalar scalar, String what, CelValidationResult result) {
        List<RefusedException.Problem> problems = new ArrayList<>();
        for (CelIssue issue : result.getErrors()) {
            int offset = offset(scalar.value(), issue.getSourceLocation());
            // A select is placed at its dot; people look for the name behind it.
            int shown = offset < scalar.value().length() && scalar.value().charAt(offset) == '.' ? offset + 1 : offset;
            problems.add(new RefusedException.Problem(
                    scalar.at(shown), what + ": " + explained(String.valueOf(issue.getMessage()))));
        }
        return problems.isEmpty()
                ? new RefusedException(scalar.at(0), what + " is no expression")
                : new RefusedException(problems.subList(0, Math.min(3, problems.size())));
    }

    private static int offset(String text, CelSourceLocation location) {
        int line = Math.max(1, location.getLine());
        int start = 0;
        for (int i = 1; i < line; i++) {
            int newline = text.indexOf('\n', start);
            if (newline < 0) {
                return text.length();
            }
            start = newline + 1;
        }
        return Math.min(text.length(), start + Math.max(0, location.getColumn()));
    }

    private String explained(String message) {
        Matcher field = UNDEFINED_FIELD.matcher(message);
        if (field.matches()) {
            return "there is no field '" + field.group(1) + "' here" + NearestWord.hint(field.group(1), words);
        }
        Matcher name = UNDECLARED.matcher(message);
        if (name.matches()) {
            return "nothing is called '" + name.group(1) + "' here" + NearestWord.hint(name.group(1), words);
        }
        Matcher overload = NO_OVERLOAD.matcher(message);
        if (overload.matches()) {
            return "'" + overload.group(1).replace("_", "") + "' does not take " + overload.group(2);
        }
        int expecting = message.indexOf(" expecting {");
        return oneLine(expecting > 0 ? message.substring(0, expecting) : message);
    }

    private static String oneLine(@Nullable String message) {
        String line = String.valueOf(message).lines().findFirst().orElse("");
        return line.length() > MAX_MESSAGE ? line.substring(0, MAX_MESSAGE) + "..." : line;
    }
}
