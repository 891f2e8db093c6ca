package dev.parley.server.governance;

import dev.parley.policies.request.GovernedRequest.JoinSite;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.server.cluster.Admission;
import dev.parley.server.cluster.Federation;
import dev.parley.server.cluster.SiteLink;
import dev.parley.server.cluster.SiteMessage;
import dev.parley.server.cluster.SiteStatement;
import dev.parley.server.cluster.SubmissionOffer;
import dev.parley.server.governance.Governance.Ruling;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A federation whose sites and plans the policies judge. A site that they refuse does not attach. A plan that they refuse
 * reaches no site: in each site's name it is answered that the round is refused, so that it ends like one that the sites
 * themselves refused, and the model stays.
 */
public final class GovernedFederation implements Federation {
    private final Federation federation;
    private final Governance governance;
    private final AtomicReference<Judged> newest = new AtomicReference<>(Judged.NOTHING);

    /** The ruling about one plan, which goes to many sites. */
    private record Judged(String plan, Ruling ruling) {
        static final Judged NOTHING = new Judged("", new Ruling.Permitted());
    }

    public GovernedFederation(Federation federation, Governance governance) {
        this.federation = federation;
        this.governance = governance;
    }

    /** Equal to another one around the same link, by which the federation knows it when it is gone. */
    private record GovernedLink(GovernedFederation federation, SiteName site, SiteLink link) implements SiteLink {
        @Override
        public void send(SiteMessage message) {
            if (message instanceof SiteMessage.Plan plan
                    && federation.ruling(plan.plan()) instanceof Ruling.Refused refused) {
                federation.hear(site, new SiteStatement.Refused(plan.plan().hash(), refused.reason()));
                return;
            }
            link.send(message);
        }

        @Override
        public void replaced() {
            link.replaced();
        }

        @Override
        public void stopping() {
            link.stopping();
        }
    }

    private Ruling ruling(RoundPlan plan) {
        String hash = plan.hash().hex();
        Judged known = Objects.requireNonNull(newest.get());
        if (!known.plan().equals(hash)) {
            known = new Judged(hash, governance.runRound(plan));
            newest.set(known);
        }
        return known.ruling();
    }

    @Override
    public FederationName name() {
        return federation.name();
    }

    @Override
    public Attachment attach(SiteName site, Announcement announcement, SiteLink link) {
        return switch (governance.joinSite(site, JoinSite.Step.ATTACH)) {
            case Ruling.Permitted permitted ->
                federation.attach(site, announcement, new GovernedLink(this, site, link));
            case Ruling.Refused refused -> new Attachment.Denied(refused.reason());
        };
    }

    @Override
    public void detach(SiteName site, SiteLink link) {
        federation.detach(site, new GovernedLink(this, site, link));
    }

    @Override
    public void hear(SiteName site, SiteStatement statement) {
        federation.hear(site, statement);
    }

    @Override
    public Admission admit(SubmissionOffer offer) {
        return federation.admit(offer);
    }

    @Override
    public Admission submit(SubmissionOffer offer, ContentHash planHash, Path file) {
        return federation.submit(offer, planHash, file);
    }
}
