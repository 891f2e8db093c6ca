package dev.parley.agent.storage;

import dev.parley.privacy.secagg.SitePledges;
import java.io.IOException;

/** Where a site's pledges are kept: on disk at a deployed site, in memory in a simulation. */
public interface PledgeBook {
    /** What was last kept; {@link SitePledges#none()} at first. */
    SitePledges pledges();

    /** Keeps the pledges so that they survive whatever happens to the process; returns when they do. */
    void keep(SitePledges pledges) throws IOException;

    /** Pledges that are forgotten with the process: for sites that are forgotten with it too. */
    static PledgeBook inMemory() {
        return new PledgeBook() {
            private SitePledges kept = SitePledges.none();

            @Override
            public synchronized SitePledges pledges() {
                return kept;
            }

            @Override
            public synchronized void keep(SitePledges pledges) {
                kept = pledges;
            }
        };
    }
}
