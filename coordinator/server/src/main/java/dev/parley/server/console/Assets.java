package dev.parley.server.console;

import dev.parley.privacy.update.ContentHash;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Style sheets and scripts, all of them from the program itself. A name opens a file only if it is in the table. */
final class Assets {
    private static final String WEBJARS = "/META-INF/resources/webjars/";
    private static final Map<String, String> FILES = Map.of(
            "console.css",
            "/dev/parley/server/console/console.css",
            "console.js",
            "/dev/parley/server/console/console.js",
            "mark.svg",
            "/dev/parley/server/console/mark.svg",
            "htmx.js",
            WEBJARS + "htmx.org/2.0.10/dist/htmx.min.js",
            "uplot.js",
            WEBJARS + "uplot/1.6.30/dist/uPlot.iife.min.js",
            "uplot.css",
            WEBJARS + "uplot/1.6.30/dist/uPlot.min.css");

    private final Map<String, byte[]> bytes = new LinkedHashMap<>();

    Assets() {
        FILES.forEach((name, path) -> {
            try (InputStream in = Assets.class.getResourceAsStream(path)) {
                if (in == null) {
                    throw new IllegalStateException(path + " is missing from the program");
                }
                bytes.put(name, in.readAllBytes());
            } catch (IOException e) {
                throw new IllegalStateException(path + " cannot be read", e);
            }
        });
    }

    void serve(Context ctx) {
        String name = ctx.pathParam("name");
        byte[] content = bytes.get(name);
        if (content == null) {
            throw Problem.notFound("There is no such file.");
        }
        String type = name.endsWith(".css") ? "text/css" : name.endsWith(".svg") ? "image/svg+xml" : "text/javascript";
        ctx.header("Cache-Control", "no-cache");
        if (!EntityTag.matches(ctx, ContentHash.of(content).abbreviated())) {
            ctx.contentType(type + "; charset=utf-8").result(content);
        }
    }
}
