package dev.parley.privacy.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * To send something that has not been clipped, noised, encoded and masked does not compile. Each wrong program differs from the right
 * one in one statement, and fails with the error that the design means it to.
 */
class OneWayTypesTest {
    private static final String RIGHT =
            "send(raw.clip(bound).noise(noise, source).encode(encoding, rounding).mask(mask));";

    @Test
    void theWholeWayCompiles() {
        assertEquals(List.of(), errors(RIGHT));
    }

    @TestFactory
    Stream<DynamicTest> shortcutsDoNotCompile() {
        return Stream.of(
                wrong(
                        "raw onto the wire",
                        "send(raw);",
                        "compiler.err.prob.found.req",
                        "RawUpdate cannot be converted to MaskedUpdate"),
                wrong(
                        "clipped onto the wire",
                        "send(raw.clip(bound));",
                        "compiler.err.prob.found.req",
                        "ClippedUpdate cannot be converted to MaskedUpdate"),
                wrong(
                        "noised onto the wire",
                        "send(raw.clip(bound).noise(noise, source));",
                        "compiler.err.prob.found.req",
                        "NoisedUpdate cannot be converted to MaskedUpdate"),
                wrong(
                        "encoded onto the wire",
                        "send(raw.clip(bound).noise(noise, source).encode(encoding, rounding));",
                        "compiler.err.prob.found.req",
                        "EncodedUpdate cannot be converted to MaskedUpdate"),
                wrong(
                        "encoding without noise",
                        "send(raw.clip(bound).encode(encoding, rounding).mask(mask));",
                        "compiler.err.cant.resolve.location.args",
                        "method encode"),
                wrong(
                        "encoding without clipping",
                        "send(raw.encode(encoding, rounding).mask(mask));",
                        "compiler.err.cant.resolve.location.args",
                        "method encode"),
                wrong(
                        "masks without encoding",
                        "send(raw.clip(bound).noise(noise, source).mask(mask));",
                        "compiler.err.cant.apply.symbol|compiler.err.cant.resolve.location.args",
                        "method mask"),
                wrong(
                        "a masked update made by hand, from ring elements",
                        "send(new MaskedUpdate(model.layout().hash(), ring.mask(mask)));",
                        "compiler.err.cant.apply.symbol|compiler.err.not.def.public.cant.access",
                        "is not public in MaskedUpdate"),
                wrong(
                        "an encoded update made by hand",
                        "send(new EncodedUpdate(model.layout().hash(), ring).mask(mask));",
                        "compiler.err.not.def.public.cant.access",
                        "EncodedUpdate"),
                wrong(
                        "the elements of an encoded update",
                        "System.out.println(raw.clip(bound).noise(noise, source).encode(encoding, rounding).ring);",
                        "compiler.err.report.access",
                        "ring has private access"),
                wrong(
                        "parameters onto the wire",
                        "send(model);",
                        "compiler.err.prob.found.req",
                        "ParameterVector cannot be converted to MaskedUpdate"),
                wrong(
                        "masks without noise",
                        "send(raw.clip(bound).mask(mask));",
                        "compiler.err.cant.resolve.location.args",
                        "method mask"),
                wrong(
                        "noise without clipping",
                        "send(raw.noise(noise, source).encode(encoding, rounding).mask(mask));",
                        "compiler.err.cant.resolve.location.args",
                        "method noise"),
                wrong(
                        "a cast",
                        "send((MaskedUpdate) raw);",
                        "compiler.err.prob.found.req",
                        "RawUpdate cannot be converted to MaskedUpdate"),
                wrong(
                        "a noised update made by hand",
                        "send(new NoisedUpdate(model, weight, bound, noise, source).encode(encoding, rounding).mask(mask));",
                        "compiler.err.not.def.public.cant.access",
                        "NoisedUpdate"),
                wrong(
                        "a clipped update made by hand",
                        "send(new ClippedUpdate(model, weight, bound, true).noise(noise, source).encode(encoding, rounding).mask(mask));",
                        "compiler.err.not.def.public.cant.access",
                        "ClippedUpdate"),
                wrong(
                        "the values of a raw update",
                        "System.out.println(raw.difference);",
                        "compiler.err.report.access",
                        "difference has private access"),
                wrong(
                        "an own kind of update",
                        "class Forged extends MaskedUpdate {}",
                        "compiler.err.cant.inherit.from.final",
                        "MaskedUpdate"),
                wrong(
                        "an own kind of noise",
                        "record Weak() implements UpdateNoise {}",
                        "compiler.err.non.sealed.or.sealed.expected|compiler.err.local.classes.cant.extend.sealed",
                        "sealed"),
                wrong(
                        "a form without masks",
                        "new dev.parley.privacy.secagg.UpdateMasking.None();",
                        "compiler.err.cant.resolve.location",
                        "class None"),
                wrong(
                        "a switch that forgets a kind of noise",
                        "String said = switch (noise) {};",
                        "compiler.err.switch.expression.empty|compiler.err.not.exhaustive",
                        "switch"));
    }

    @Test
    void aSwitchOverEveryKindOfNoiseCompilesWithoutDefault() {
        assertEquals(
                List.of(),
                errors("int a = switch (noise) { case UpdateNoise.None none -> 0;"
                        + " case UpdateNoise.DistributedGaussian gaussian -> 1; };"));
    }

    private static DynamicTest wrong(String name, String statement, String codes, String message) {
        return DynamicTest.dynamicTest(name, () -> {
            List<Diagnostic<? extends JavaFileObject>> errors = errors(statement);
            assertFalse(errors.isEmpty(), "it compiled");
            String code = errors.getFirst().getCode();
            assertTrue(
                    List.of(codes.split("\\|")).contains(code), () -> "expected " + codes + ", got " + code + errors);
            String said = errors.getFirst().getMessage(Locale.ROOT).replace("dev.parley.privacy.update.", "");
            assertTrue(said.contains(message), () -> "expected '" + message + "' in '" + said + "'");
        });
    }

    private static List<Diagnostic<? extends JavaFileObject>> errors(String statement) {
        String program = "package elsewhere;\n"
                + "import dev.parley.privacy.dp.noise.*;\n"
                + "import dev.parley.privacy.secagg.key.*;\n"
                + "import dev.parley.privacy.secagg.mask.*;\n"
                + "import dev.parley.privacy.update.*;\n"
                + "abstract class Site {\n"
                + "  abstract void send(MaskedUpdate update);\n"
                + "  void round(ParameterVector model, RawUpdate raw, ClipNorm bound, ContributionWeight weight,\n"
                + "      UpdateNoise noise, NoiseSource source, UpdateEncoding encoding, SecretSeed rounding, EncodedRing ring, OneTimeMask mask) {\n"
                + "    " + statement + "\n"
                + "  }\n"
                + "}\n";
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        compiler.getTask(
                        null,
                        null,
                        found,
                        List.of(
                                "-proc:none",
                                "-Xlint:none",
                                "--release",
                                "25",
                                // Analyse, and write no class.
                                "-XDshould-stop.ifNoError=FLOW",
                                "-classpath",
                                System.getProperty("java.class.path")),
                        null,
                        List.of(new Source(program)))
                .call();
        return found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .toList();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String program;

        Source(String program) {
            super(URI.create("string:///elsewhere/Site.java"), Kind.SOURCE);
            this.program = program;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return program;
        }
    }
}
