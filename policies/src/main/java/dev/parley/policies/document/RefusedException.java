package dev.parley.policies.document;

import java.util.List;
import java.util.stream.Collectors;

/** Something that a person wrote is refused. Each problem says where it stands, what the rule is and what was found. */
public final class RefusedException extends Exception {
    /** One reason. */
    public record Problem(Place place, String message) {
        /** With file, line, column and a caret; several lines. */
        public String show() {
            return place.show(message);
        }
    }

    private final transient List<Problem> problems;

    /** @param problems at least one */
    public RefusedException(List<Problem> problems) {
        super(problems.stream().map(Problem::show).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** With one problem. */
    public RefusedException(Place place, String message) {
        this(List.of(new Problem(place, message)));
    }

    public List<Problem> problems() {
        return problems;
    }
}
