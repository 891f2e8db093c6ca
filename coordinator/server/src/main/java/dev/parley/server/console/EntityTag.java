package dev.parley.server.console;

import io.javalin.http.Context;

/** Lets a caller keep what it has while that is still right. */
final class EntityTag {
    private EntityTag() {}

    /** Sets the tag; if the caller has this very content, answers 304 and is true. */
    static boolean matches(Context ctx, String hash) {
        String tag = "\"" + hash + "\"";
        ctx.header("ETag", tag);
        String known = ctx.header("If-None-Match");
        if (known != null && (known.equals("*") || known.contains(tag))) {
            ctx.status(304);
            return true;
        }
        return false;
    }
}
