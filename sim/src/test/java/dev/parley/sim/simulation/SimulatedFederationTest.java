package dev.parley.sim.simulation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parley.agent.participation.SiteParticipant;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.SiteName;
import dev.parley.sim.report.RunReport.RoundEntry;
import dev.parley.sim.up.ReferenceFederation;
import dev.parley.sim.up.SyntheticSite;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedFederationTest {
    private static final FederationSpec SPEC = SyntheticSite.spec(2, CohortRule.everyOneOf(3));

    private static SortedMap<String, SiteParticipant> participants() {
        SortedMap<String, SiteParticipant> sites = new TreeMap<>();
        // Fewer records than in the tests with processes: nobody has to act while a site trains.
        SyntheticSite.TRAINING
                .keySet()
                .forEach(site -> sites.put(site, SyntheticSite.participant(site, 20 + site.length())));
        return sites;
    }

    private static Federated run(Workers workers) throws Exception {
        SortedMap<SiteName, SiteParticipant> sites = new TreeMap<>();
        participants().forEach((site, participant) -> sites.put(new SiteName(site), participant));
        return new SimulatedFederation(
                        SPEC,
                        SyntheticSite.INITIAL,
                        sites,
                        workers,
                        StepListener.NONE,
                        RoundScores.NONE,
                        RunListener.NONE)
                .run();
    }

    private static byte[] reference() {
        return new ReferenceFederation(SPEC, participants())
                .run(SyntheticSite.INITIAL, Collections.nCopies(SPEC.totalRounds(), Set.of()));
    }

    @Test
    void releasesTheDecodedSumsWhateverTheNumberOfThreads() throws Exception {
        byte[] expected = reference();
        for (int threads = 1; threads <= 3; threads++) {
            try (Workers workers = new Workers(threads)) {
                Federated federated = run(workers);

                assertArrayEquals(expected, federated.model().safetensors(), threads + " threads");
                assertEquals(3, federated.rounds().size());
                for (RoundEntry round : federated.rounds()) {
                    assertEquals(3, round.contributors(), round.toString());
                }
            }
        }
    }

    /** Threads may take tasks in any order. A site may not: it would be asked to open what it has not confirmed. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void keepsTheOrderInWhichEachSiteIsAsked(long seed) throws Exception {
        try (Workers workers = new AnyOrder(seed)) {
            assertArrayEquals(reference(), run(workers).model().safetensors(), "seed " + seed);
        }
    }

    /** Does nothing until a result is asked for, and then any of the tasks that were given. */
    private static final class AnyOrder extends Workers {
        private final SplittableRandom random;

        AnyOrder(long seed) {
            super(1);
            this.random = new SplittableRandom(seed);
        }

        @Override
        <T> CompletionService<T> completion() {
            List<Runnable> given = new ArrayList<>();
            return new ExecutorCompletionService<>(given::add, new LinkedBlockingQueue<>() {
                private static final long serialVersionUID = 1;

                @Override
                public Future<T> take() throws InterruptedException {
                    while (isEmpty()) {
                        given.remove(random.nextInt(given.size())).run();
                    }
                    return super.take();
                }
            });
        }
    }
}
