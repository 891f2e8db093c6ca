package dev.parley.agent.egress;

/** Whether the site's owner lets something leave. */
public sealed interface Verdict {
    /** No rule of the site speaks against it. */
    record Allowed() implements Verdict {}

    /**
     * A rule speaks against it.
     *
     * @param rule the rule's name as it stands in the agent's configuration
     * @param reason one sentence for people: what was asked, what the rule allows. Never record content
     */
    record Refused(String rule, String reason) implements Verdict {
        /** Longest text that the wire carries. */
        private static final int MAX_CHARACTERS = 200;

        /** What the coordinator and the site's log are told. */
        public String told() {
            String text = rule + ": " + reason;
            return text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS - 3) + "..." : text;
        }
    }
}
