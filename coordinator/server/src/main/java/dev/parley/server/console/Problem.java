package dev.parley.server.console;

/** A request cannot be served. The detail is shown to the caller: it says the rule and what to do, and holds no secret. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String title;

    Problem(int status, String title, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.title = title;
    }

    static Problem badRequest(String detail) {
        return new Problem(400, "The request cannot be understood", detail);
    }

    static Problem notFound(String detail) {
        return new Problem(404, "There is no such thing", detail);
    }

    static Problem forbidden(String detail) {
        return new Problem(403, "Not permitted", detail);
    }

    static Problem conflict(String detail) {
        return new Problem(409, "It cannot be done now", detail);
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
