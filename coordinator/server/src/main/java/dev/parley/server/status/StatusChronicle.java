package dev.parley.server.status;

import dev.parley.server.status.FederationStatus.RoundSummary;
import dev.parley.server.status.RoundRecord.Fate;
import dev.parley.server.status.RoundRecord.Member;
import dev.parley.server.status.RoundRecord.Phase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a federation's story down from its successive statuses: what has changed between two of them, and when. It is told
 * of every change, so no step of a site is missed.
 *
 * <p><b>Guarantees</b>: {@link #observe} returns at once; memory is bounded by {@value #MOST_ROUNDS} rounds. <b>Does not</b>
 * outlive the process: of rounds before a restart it knows what the status says about them.
 */
public final class StatusChronicle implements FederationRecord {
    private static final int MOST_ROUNDS = 1000;
    private static final Set<String> RUNNING =
            Set.of("inviting", "collecting", "recovering", "releasing", "evaluating");

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<RoundRecord> ended = new ArrayList<>();
    private final Map<String, Instant> lastSeen = new TreeMap<>();
    private final Map<String, Tally> tallies = new TreeMap<>();
    private @Nullable FederationStatus status;
    private @Nullable String initialModel;
    private @Nullable Open open;
    private int historySeen;
    private long sequence;

    public StatusChronicle(InstantSource clock) {
        this.clock = clock;
    }

    private static final class Tally {
        private int invited;
        private int counted;
        private int refused;
        private int lost;
    }

    /** The round under way. */
    private static final class Open {
        private final int round;
        private final int attempt;
        private final String task;
        private final String parent;
        private final Instant started;
        private final List<Phase> phases = new ArrayList<>();
        private final Map<String, Member> members = new TreeMap<>();

        private Open(int round, int attempt, String task, String parent, Instant started) {
            this.round = round;
            this.attempt = attempt;
            this.task = task;
            this.parent = parent;
            this.started = started;
        }

        private void enter(String phase, Instant now) {
            if (!phases.isEmpty() && phases.getLast().name().equals(phase)) {
                return;
            }
            leave(now);
            phases.add(new Phase(phase, now, null));
        }

        private void leave(Instant now) {
            if (!phases.isEmpty() && phases.getLast().ended() == null) {
                Phase last = phases.removeLast();
                phases.add(new Phase(last.name(), last.started(), now));
            }
        }
    }

    /** Takes note of a change. */
    public void observe(FederationStatus next) {
        Instant now = clock.instant();
        lock.lock();
        try {
            noteSites(next, now);
            noteRound(next, now);
            noteEnds(next, now);
            status = next;
            if (initialModel == null) {
                initialModel = next.history().isEmpty() ? next.model() : null;
            }
            sequence++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void noteSites(FederationStatus next, Instant now) {
        Map<String, FederationStatus.Site> before = new TreeMap<>();
        if (status != null) {
            status.sites().forEach(site -> before.put(site.site(), site));
        }
        for (FederationStatus.Site site : next.sites()) {
            if (!site.equals(before.get(site.site()))) {
                lastSeen.put(site.site(), now);
            }
        }
    }

    private void noteRound(FederationStatus next, Instant now) {
        Integer round = next.round();
        Integer attempt = next.attempt();
        if (round == null || attempt == null || !RUNNING.contains(next.phase())) {
            return;
        }
        Open current = open;
        if (current == null || current.round != round || current.attempt != attempt) {
            current = new Open(round, attempt, String.valueOf(next.task()), next.model(), now);
            open = current;
        }
        current.enter(next.phase(), now);
        for (FederationStatus.Site site : next.sites()) {
            Member member = current.members.get(site.site());
            if (member != null || site.state().equals("invited")) {
                current.members.put(site.site(), advanced(member, site, now));
            }
        }
    }

    private static Member advanced(@Nullable Member known, FederationStatus.Site site, Instant now) {
        Member m = known == null ? new Member(site.site(), Fate.OPEN, now, null, null, null, null, 0, 0) : known;
        boolean submitted = site.state().equals("submitted");
        boolean accepted = site.state().equals("training") || submitted;
        boolean refused = site.state().equals("refused");
        boolean evaluated = site.state().equals("evaluated");
        return new Member(
                m.site(),
                refused ? Fate.REFUSED : m.fate(),
                m.invited(),
                m.accepted() == null && accepted ? now : m.accepted(),
                m.submitted() == null && submitted ? now : m.submitted(),
                m.refused() == null && refused ? now : m.refused(),
                m.evaluated() == null && evaluated ? now : m.evaluated(),
                Math.max(m.step(), site.step()),
                Math.max(m.steps(), site.steps()));
    }

    private void noteEnds(FederationStatus next, Instant now) {
        List<RoundSummary> history = next.history();
        // The status forgets its oldest rounds; then its list no longer grows, and its last entry tells.
        boolean grew = history.size() > historySeen
                || (!history.isEmpty()
                        && status != null
                        && !status.history().isEmpty()
                        && !history.getLast().equals(status.history().getLast()));
        if (!grew) {
            return;
        }
        int fresh = history.size() > historySeen ? history.size() - historySeen : 1;
        for (RoundSummary summary : history.subList(history.size() - fresh, history.size())) {
            end(summary, now);
        }
        historySeen = history.size();
    }

    private void end(RoundSummary summary, Instant now) {
        Open current = open;
        boolean watched = current != null && current.round == summary.round() && current.attempt == summary.attempt();
        boolean released = summary.outcome().equals("released");
        List<Member> members = new ArrayList<>();
        if (watched && current != null) {
            current.leave(now);
            current.members.values().forEach(member -> members.add(withFate(member, released)));
            open = null;
        }
        members.forEach(this::count);
        ended.add(new RoundRecord(
                summary.round(),
                summary.attempt(),
                summary.task(),
                summary.outcome(),
                summary.model(),
                watched && current != null ? current.parent : parentOf(summary),
                watched && current != null ? current.started : null,
                watched ? now : null,
                summary.millis(),
                watched && current != null ? current.phases : List.of(),
                members,
                summary.contributions(),
                summary.smallestSum(),
                summary.evaluation()));
        if (ended.size() > MOST_ROUNDS) {
            ended.removeFirst();
        }
    }

    private String parentOf(RoundSummary summary) {
        if (!ended.isEmpty()) {
            return String.valueOf(ended.getLast().model());
        }
        return initialModel == null ? summary.model() : initialModel;
    }

    private static Member withFate(Member m, boolean released) {
        Fate fate = m.fate() == Fate.REFUSED
                ? Fate.REFUSED
                : m.submitted() == null ? Fate.LOST : released ? Fate.COUNTED : Fate.NOT_USED;
        return new Member(
                m.site(),
                fate,
                m.invited(),
                m.accepted(),
                m.submitted(),
                m.refused(),
                m.evaluated(),
                m.step(),
                m.steps());
    }

    private void count(Member member) {
        Tally tally = tallies.computeIfAbsent(member.site(), unused -> new Tally());
        tally.invited++;
        switch (member.fate()) {
            case COUNTED -> tally.counted++;
            case REFUSED -> tally.refused++;
            case LOST -> tally.lost++;
            case OPEN, NOT_USED -> {}
        }
    }

    @Override
    public Optional<FederationStatus> status() {
        return locked(() -> Optional.ofNullable(status));
    }

    @Override
    public List<RoundRecord> rounds() {
        return locked(() -> {
            List<RoundRecord> all = new ArrayList<>(ended);
            Open current = open;
            if (current != null) {
                all.add(running(current));
            }
            return all;
        });
    }

    private RoundRecord running(Open current) {
        return new RoundRecord(
                current.round,
                current.attempt,
                current.task,
                null,
                null,
                current.parent,
                current.started,
                null,
                Duration.between(current.started, clock.instant()).toMillis(),
                current.phases,
                List.copyOf(current.members.values()),
                0,
                0,
                null);
    }

    @Override
    public List<SiteRecord> sites() {
        return locked(() -> {
            List<SiteRecord> all = new ArrayList<>();
            if (status != null) {
                for (FederationStatus.Site site : status.sites()) {
                    Tally tally = tallies.getOrDefault(site.site(), new Tally());
                    all.add(new SiteRecord(
                            site.site(),
                            site.attached(),
                            site.state(),
                            site.step(),
                            site.steps(),
                            lastSeen.get(site.site()),
                            tally.invited,
                            tally.counted,
                            tally.refused,
                            tally.lost));
                }
            }
            return all;
        });
    }

    @Override
    public Optional<String> initialModel() {
        return locked(() -> Optional.ofNullable(initialModel));
    }

    @Override
    public long sequence() {
        return locked(() -> sequence);
    }

    @Override
    public long awaitChange(long known, Duration limit) throws InterruptedException {
        long nanos = limit.toNanos();
        lock.lockInterruptibly();
        try {
            while (sequence <= known && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return sequence;
        } finally {
            lock.unlock();
        }
    }

    private <T> T locked(Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }
}
