package dev.parley.server.console;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.util.Optional;

/**
 * One route of the API: what is registered, documented and tested.
 *
 * @param path with path parameters in braces
 * @param answer record that the answer is, as JSON; {@code Void} if {@code media} says what else
 * @param list whether the answer is a page of such records
 * @param request record that the body must be; empty if there is none
 * @param media content type of the answer
 * @param success status of the answer
 */
record Route(
        HandlerType method,
        String path,
        Access access,
        String summary,
        Class<?> answer,
        boolean list,
        Optional<Class<?>> request,
        String media,
        int success,
        Handler handler) {
    static final String JSON = "application/json";

    static Route get(String path, Access access, String summary, Class<?> answer, Handler handler) {
        return new Route(HandlerType.GET, path, access, summary, answer, false, Optional.empty(), JSON, 200, handler);
    }

    static Route list(String path, Access access, String summary, Class<?> item, Handler handler) {
        return new Route(HandlerType.GET, path, access, summary, item, true, Optional.empty(), JSON, 200, handler);
    }

    static Route other(String path, Access access, String summary, String media, Handler handler) {
        return new Route(
                HandlerType.GET, path, access, summary, Void.class, false, Optional.empty(), media, 200, handler);
    }

    static Route post(String path, Access access, String summary, Class<?> request, Class<?> answer, Handler handler) {
        return new Route(
                HandlerType.POST, path, access, summary, answer, false, Optional.of(request), JSON, 201, handler);
    }

    static Route delete(String path, Access access, String summary, Class<?> answer, Handler handler) {
        return new Route(
                HandlerType.DELETE,
                path,
                access,
                summary,
                answer,
                false,
                Optional.empty(),
                JSON,
                answer == Void.class ? 204 : 200,
                handler);
    }
}
