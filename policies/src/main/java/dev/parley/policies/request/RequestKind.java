package dev.parley.policies.request;

import java.util.LinkedHashMap;
import java.util.Map;

/** What may be asked for. The word is what policies and files write. */
public enum RequestKind {
    START_FEDERATION("startFederation", GovernedRequest.StartFederation.class),
    JOIN_SITE("joinSite", GovernedRequest.JoinSite.class),
    RUN_ROUND("runRound", GovernedRequest.RunRound.class),
    PROMOTE("promote", GovernedRequest.Promote.class),
    DEPLOY("deploy", GovernedRequest.Deploy.class),
    EXPORT("export", GovernedRequest.Export.class),
    QUERY_STATISTICS("queryStatistics", GovernedRequest.QueryStatistics.class),
    CHANGE_POLICY("changePolicy", GovernedRequest.ChangePolicy.class);

    private final String word;
    private final Class<? extends GovernedRequest> type;

    RequestKind(String word, Class<? extends GovernedRequest> type) {
        this.word = word;
        this.type = type;
    }

    public String word() {
        return word;
    }

    /** The record of such a request. */
    public Class<? extends GovernedRequest> type() {
        return type;
    }

    /** By word, in the order above. */
    public static Map<String, RequestKind> byWord() {
        Map<String, RequestKind> words = new LinkedHashMap<>();
        for (RequestKind kind : values()) {
            words.put(kind.word, kind);
        }
        return words;
    }

    @Override
    public String toString() {
        return word;
    }
}
