package dev.parley.server.gateway;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.SiteName;
import dev.parley.server.cluster.Admission;
import dev.parley.server.cluster.Federation;
import dev.parley.server.cluster.SiteLink;
import dev.parley.server.cluster.SiteStatement;
import dev.parley.server.cluster.SubmissionOffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A federation that answers as the test says and remembers what it was told. */
final class RecordingFederation implements Federation {
    static final String NAME = "hospital";

    final Map<SiteName, SiteLink> links = new ConcurrentHashMap<>();
    final List<SiteName> detached = new CopyOnWriteArrayList<>();
    final List<SiteStatement> statements = new CopyOnWriteArrayList<>();
    final List<Path> submitted = new CopyOnWriteArrayList<>();
    volatile Function<SubmissionOffer, Admission> admission = offer -> new Admission.NotOpen("no round is running");
    volatile Admission judgement = new Admission.Counted();
    volatile Attachment attachment = new Attachment.Attached();

    @Override
    public FederationName name() {
        return new FederationName(NAME);
    }

    @Override
    public Attachment attach(SiteName site, Announcement announcement, SiteLink link) {
        if (attachment instanceof Attachment.Attached) {
            SiteLink earlier = links.put(site, link);
            if (earlier != null) {
                earlier.replaced();
            }
        }
        return attachment;
    }

    @Override
    public void detach(SiteName site, SiteLink link) {
        if (links.remove(site, link)) {
            detached.add(site);
        }
    }

    @Override
    public void hear(SiteName site, SiteStatement statement) {
        statements.add(statement);
    }

    @Override
    public Admission admit(SubmissionOffer offer) {
        return admission.apply(offer);
    }

    @Override
    public Admission submit(SubmissionOffer offer, ContentHash planHash, Path file) {
        if (judgement instanceof Admission.Counted) {
            submitted.add(file);
        }
        return judgement;
    }
}
