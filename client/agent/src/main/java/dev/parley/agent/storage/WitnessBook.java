package dev.parley.agent.storage;

import java.io.IOException;

/** Where a site keeps what it has seen of the coordinator's audit log: on disk at a deployed site. */
public interface WitnessBook {
    /**
     * What is kept; texts are empty where there is nothing.
     *
     * @param key the log's pinned key
     * @param checkpoint the last one that was accepted, as a signed note
     * @param refusal why the log was refused; a site does not take part while this is there
     * @param evidence the checkpoint that was refused then
     */
    record Kept(String key, String checkpoint, String refusal, String evidence) {
        public static Kept nothing() {
            return new Kept("", "", "", "");
        }

        public Kept accepted(String note) {
            return new Kept(key, note, refusal, evidence);
        }

        public Kept refused(String why, String note) {
            return new Kept(key, checkpoint, why, note);
        }
    }

    Kept kept();

    /** Keeps it so that it survives whatever happens to the process; returns when it does. */
    void keep(Kept kept) throws IOException;

    /** For sites that are forgotten with their process. */
    static WitnessBook inMemory() {
        return new WitnessBook() {
            private Kept kept = Kept.nothing();

            @Override
            public synchronized Kept kept() {
                return kept;
            }

            @Override
            public synchronized void keep(Kept next) {
                kept = next;
            }
        };
    }
}
