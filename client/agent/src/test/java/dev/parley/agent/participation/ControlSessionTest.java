package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.contract.v1.AgentMessage;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import io.grpc.stub.ClientCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlSessionTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ControlSession session =
            new ControlSession("hospital", new NoRequests(), Witnesses.forgetful(), timer);
    private final Stalled stream = new Stalled();

    /** A coordinator that reads when the test lets it. */
    private static final class Stalled extends ClientCallStreamObserver<AgentMessage> {
        private final List<AgentMessage> waiting = new ArrayList<>();
        private Runnable onReady = () -> {};
        private boolean cancelled;

        @Override
        public boolean isReady() {
            return false;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void onNext(AgentMessage message) {
            waiting.add(message);
        }

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {
            cancelled = true;
        }

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
    }

    private static final class NoRequests implements ControlSession.Requests {
        @Override
        public void plan(ReceivedPlan plan) {}

        @Override
        public void closed(int round, int attempt, String outcome) {}

        @Override
        public void evaluate(int round, ContentHash model, ContentHash learning) {}

        @Override
        public void agree(ContentHash roster, MemberSet peers) {}

        @Override
        public void cohort(ContentHash plan, CohortNotice update, Optional<CohortNotice> evaluation) {}

        @Override
        public void survivors(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {}

        @Override
        public void opening(ContentHash plan, Purpose purpose, List<Confirmation> confirmations) {}
    }

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private void say(int times) {
        for (int i = 0; i < times; i++) {
            session.send(Answers.progress(1, i, times));
        }
    }

    @Test
    void keepsFewMessagesForACoordinatorThatDoesNotRead() throws Exception {
        session.beforeStart(stream);

        say(10_000);

        assertEquals(64, stream.waiting.size());
        assertTrue(stream.cancelled);
        SessionEnd.Cut cut =
                assertInstanceOf(SessionEnd.Cut.class, session.end().get());
        assertTrue(cut.failure().reason().contains("reads too slowly"), cut.toString());
    }

    @Test
    void goesOnWithACoordinatorThatReadsNowAndThen() {
        session.beforeStart(stream);

        for (int i = 0; i < 100; i++) {
            say(64);
            stream.onReady.run();
        }

        assertEquals(6400, stream.waiting.size());
        assertFalse(session.end().isDone());
    }
}
