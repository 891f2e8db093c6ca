package dev.parley.server.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.ShareKind;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationEvent;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.SubmissionId;
import dev.parley.server.SumMember;
import dev.parley.server.journal.v1.Event;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class EventMessagesTest {
    private static final Announcement ANNOUNCEMENT =
            Announcement.of(SumMember.of("hospital", "north").announcement().toByteArray());

    private static Arbitrary<byte[]> someBytes(int most) {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(most);
    }

    private static Arbitrary<Bytes> bytes() {
        return someBytes(80).map(Bytes::of);
    }

    private static Arbitrary<ContentHash> hashes() {
        return someBytes(8).map(ContentHash::of);
    }

    private static Arbitrary<SiteName> sites() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .ofMinLength(1)
                .ofMaxLength(20)
                .map(SiteName::new);
    }

    private static Arbitrary<Instant> moments() {
        return Combinators.combine(
                        Arbitraries.longs().between(-1, 4_102_444_800L),
                        Arbitraries.integers().between(0, 999_999_999))
                .as(Instant::ofEpochSecond);
    }

    private static Arbitrary<RoundId> rounds() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 99_999),
                        Arbitraries.integers().between(0, 99))
                .as(RoundId::new);
    }

    private static Arbitrary<Integer> positions() {
        return Arbitraries.integers().between(0, 9_999);
    }

    private static Arbitrary<Deal> deals() {
        Arbitrary<Deal.DealtShare> share =
                Combinators.combine(positions(), bytes(), bytes()).as(Deal.DealtShare::new);
        return Combinators.combine(positions(), share.list().ofMaxSize(4), bytes())
                .as(Deal::new);
    }

    private static Arbitrary<String> sentences() {
        return Arbitraries.strings().ofMaxLength(40);
    }

    private static Arbitrary<Opening> openings() {
        Arbitrary<Opening.OpenedShare> share = Combinators.combine(
                        positions(), Arbitraries.of(ShareKind.class), bytes())
                .as(Opening.OpenedShare::new);
        return Combinators.combine(positions(), share.list().ofMaxSize(4)).as(Opening::new);
    }

    private static Arbitrary<FederationEvent> fromFederations() {
        return Arbitraries.oneOf(
                moments().map(FederationEvent.Start::new),
                moments().map(FederationEvent.Resumed::new),
                Combinators.combine(sites(), moments())
                        .as((site, at) -> new FederationEvent.SiteAttached(site, ANNOUNCEMENT, at)),
                Combinators.combine(sites(), moments()).as(FederationEvent.SiteDetached::new),
                Combinators.combine(
                                sites(),
                                hashes(),
                                Arbitraries.maps(positions(), bytes()).ofMaxSize(4),
                                moments())
                        .as((site, roster, made, at) ->
                                new FederationEvent.KeysAgreed(site, roster, new TreeMap<>(made), at)));
    }

    private static Arbitrary<FederationEvent> fromSites() {
        return Arbitraries.oneOf(
                Combinators.combine(sites(), hashes(), deals(), deals().optional(), moments())
                        .as((site, plan, update, evaluation, at) ->
                                new RoundEvent.SiteAccepted(site, plan, new RoundEvent.Deals(update, evaluation), at)),
                Combinators.combine(sites(), hashes(), sentences(), moments()).as(RoundEvent.SiteRefused::new),
                Combinators.combine(
                                sites(),
                                hashes(),
                                Arbitraries.of(Purpose.class),
                                Combinators.combine(positions(), bytes()).as(Confirmation::new),
                                moments())
                        .as(RoundEvent.SurvivorsConfirmed::new),
                Combinators.combine(sites(), hashes(), Arbitraries.of(Purpose.class), openings(), moments())
                        .as(RoundEvent.SharesRevealed::new),
                Combinators.combine(sites(), rounds(), hashes(), hashes(), moments())
                        .as((site, round, plan, content, at) -> new RoundEvent.SubmissionCompleted(
                                new SubmissionId(new FederationName("hospital"), round, site), plan, content, at)),
                Combinators.combine(sites(), rounds(), hashes(), bytes(), moments())
                        .as(RoundEvent.EvaluationReceived::new));
    }

    private static Arbitrary<FederationEvent> fromTheCoordinator() {
        return Arbitraries.oneOf(
                Combinators.combine(rounds(), hashes(), moments()).as(RoundEvent.ReleaseCommitted::new),
                Combinators.combine(rounds(), sentences(), moments()).as(RoundEvent.ReleaseFailed::new),
                moments().map(RoundEvent.Tick::new),
                Combinators.combine(sentences(), moments()).as(RoundEvent.Cancel::new));
    }

    @Provide
    Arbitrary<FederationEvent> events() {
        return Arbitraries.oneOf(fromFederations(), fromSites(), fromTheCoordinator());
    }

    @Property(tries = 2000, seed = "20261201")
    void readsWhatItWrote(@ForAll("events") FederationEvent event) {
        List<ContentHash> optimizer =
                event instanceof RoundEvent.ReleaseCommitted committed ? List.of(committed.version()) : List.of();
        JournalEvent.Happened happened = new JournalEvent.Happened(event, optimizer);

        assertEquals(happened, EventMessages.read(EventMessages.write(happened)));
    }

    /** A new kind of event needs its message, and its place in the property above. */
    @Test
    void everyKindOfEventIsWritten() {
        Set<String> said = Set.of("Start", "SiteLost", "SiteReturned"); // by a federation to its round
        Set<String> kinds = new TreeSet<>();
        Stream.concat(
                        Stream.of(FederationEvent.class.getPermittedSubclasses()),
                        Stream.of(RoundEvent.class.getPermittedSubclasses()))
                .filter(kind -> !kind.equals(RoundEvent.class))
                .filter(kind ->
                        !(kind.getEnclosingClass().equals(RoundEvent.class) && said.contains(kind.getSimpleName())))
                .forEach(kind -> kinds.add(kind.getName()));
        Set<String> drawn = new TreeSet<>();
        for (Arbitrary<FederationEvent> arbitrary : List.of(fromFederations(), fromSites(), fromTheCoordinator())) {
            arbitrary
                    .sampleStream()
                    .limit(500)
                    .forEach(event -> drawn.add(event.getClass().getName()));
        }
        assertEquals(kinds, drawn);
    }

    @Test
    void readsTheSettingsThatAJournalBeginsWith() {
        JournalEvent.Opened opened =
                new JournalEvent.Opened(new PinnedSettings(new TreeMap<>(Map.of("federation.rounds", "5"))));

        assertEquals(opened, EventMessages.read(EventMessages.write(opened)));
    }

    @Test
    void refusesWhatANewerCoordinatorWrote() {
        byte[] unknown = Event.newBuilder().build().toByteArray();

        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> EventMessages.read(unknown));
        assertTrue(refusal.getMessage().contains("a newer coordinator wrote it"), refusal.getMessage());
        assertThrows(IllegalArgumentException.class, () -> EventMessages.read(new byte[] {1, 2, 3}));
        assertThrows(IllegalArgumentException.class, () -> new JournalSerializer().fromBinary(unknown, "event-2"));
    }
}
