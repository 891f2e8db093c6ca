package dev.parley.privacy.secagg;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A copy of secure aggregation with some of its source exchanged: how the product would behave without a check, while the
 * product has no switch for it. Every class of the package, the tests' own among them, is loaded anew; those of changed files
 * come from the compiler, the others from where the product's come from. Sources without their changes compile to what is
 * loaded otherwise, so that only changed files are compiled.
 */
final class MutatedProtocol extends ClassLoader {
    private static final String PACKAGE = "dev.parley.privacy.secagg.";
    private static final Path SOURCES = Path.of("src/main/java/dev/parley/privacy/secagg");
    private static final Pattern TOKEN = Pattern.compile("\\w+|\\S");

    private final Map<String, byte[]> compiled;

    /**
     * One change.
     *
     * @param file under the package's folder
     * @param original text that the file has exactly once, whatever the white space
     * @param replacement what stands there instead
     */
    record Mutation(String file, String original, String replacement) {
        private String in(String source) {
            String tokens = TOKEN.matcher(original)
                    .results()
                    .map(token -> Pattern.quote(token.group()))
                    .collect(Collectors.joining("\\s*"));
            Matcher found = Pattern.compile(tokens).matcher(source);
            if (found.results().count() != 1) {
                throw new AssertionError(file + " does not have exactly once: " + original);
            }
            return found.replaceFirst(Matcher.quoteReplacement(replacement));
        }
    }

    MutatedProtocol(List<Mutation> mutations) {
        super(MutatedProtocol.class.getClassLoader());
        Map<String, String> sources = new LinkedHashMap<>();
        for (Mutation mutation : mutations) {
            sources.put(
                    mutation.file(), mutation.in(sources.computeIfAbsent(mutation.file(), MutatedProtocol::source)));
        }
        this.compiled = sources.isEmpty() ? Map.of() : compile(sources);
    }

    private static String source(String file) {
        try {
            return Files.readString(SOURCES.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What comes of a lie that is told to this copy. */
    String tell(Class<? extends Lie> lie) {
        try {
            var constructor = loadClass(lie.getName()).getDeclaredConstructor();
            constructor.setAccessible(true);
            return (String) ((Supplier<?>) constructor.newInstance()).get();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(PACKAGE)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = compiled.get(name);
        if (bytes == null) {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                bytes = in.readAllBytes();
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private static Map<String, byte[]> compile(Map<String, String> sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((file, text) -> units.add(new Source(file, text)));
        Map<String, ByteArrayOutputStream> written = new HashMap<>();
        try (StandardJavaFileManager standard = compiler.getStandardFileManager(found, null, null);
                JavaFileManager memory = new InMemory(standard, written)) {
            List<String> options = List.of(
                    "-proc:none",
                    "-Xlint:none",
                    "--release",
                    "25",
                    "-classpath",
                    System.getProperty("java.class.path"));
            boolean compiles =
                    compiler.getTask(null, memory, found, options, null, units).call();
            if (!compiles) {
                throw new AssertionError(found.getDiagnostics().stream()
                        .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                        .toList());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, byte[]> classes = new HashMap<>();
        written.forEach((name, out) -> classes.put(name, out.toByteArray()));
        return classes;
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String file, String text) {
            super(URI.create("string:///dev/parley/privacy/secagg/" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class InMemory extends ForwardingJavaFileManager<StandardJavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written;

        InMemory(StandardJavaFileManager standard, Map<String, ByteArrayOutputStream> written) {
            super(standard);
            this.written = written;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className.replace('.', '/') + ".class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return written.computeIfAbsent(className, name -> new ByteArrayOutputStream());
                }
            };
        }
    }
}
