package dev.parley.agent.participation;

import dev.parley.privacy.secagg.AggregatorState;
import dev.parley.privacy.secagg.AggregatorState.Summing;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.SumSession;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Memberships of any number of sites, all of which have agreed with each other under one roster. */
final class AgreedMembers {
    private static final RingModulus RING = new RingModulus(24);

    private final List<SumMembership> members;
    private final Roster roster;
    private final Map<Integer, Map<Integer, byte[]>> inboxes = new HashMap<>();

    /** @param members ascending by name */
    AgreedMembers(List<SumMembership> members) throws IOException {
        this.members = members;
        this.roster =
                Roster.of(members.stream().map(SumMembership::announcement).toList());
        for (int i = 0; i < members.size(); i++) {
            int from = i;
            MemberSet after = MemberSet.of(IntStream.range(i + 1, members.size()));
            SumPeers.taken(members.get(i).agree(roster, after))
                    .forEach((peer, made) -> inboxes.computeIfAbsent(peer, key -> new HashMap<>())
                            .put(from, made));
        }
    }

    Roster roster() {
        return roster;
    }

    SumMembership member(int position) {
        return members.get(position);
    }

    Map<Integer, byte[]> inbox(int position) {
        return inboxes.getOrDefault(position, Map.of());
    }

    Assignment assignment(ContentHash model) {
        Assignments.Draft draft = new Assignments.Draft();
        draft.cohort = roster.names();
        draft.roster = roster.hash();
        draft.model = model;
        draft.masking = new UpdateMasking(RING, SecureSumTerms.full(members.size(), 0));
        draft.evaluated = false;
        return draft.build();
    }

    /** Everyone deals, joins and masks a vector under a plan. */
    void contribute(ContentHash plan, ContentHash model) throws IOException {
        Assignment assignment = assignment(model);
        AggregatorState.Dealing dealing = AggregatorState.begin(new SumSession(
                plan, Purpose.UPDATE, roster, assignment.masking().terms()));
        for (int i = 0; i < members.size(); i++) {
            dealing = SumPeers.taken(
                    dealing.receive(SumPeers.taken(members.get(i).deal(plan, assignment, roster, inbox(i)))
                            .update()));
        }
        Summing summing = SumPeers.on(dealing.close(MemberSet.first(members.size())));
        for (int i = 0; i < members.size(); i++) {
            members.get(i).join(plan, summing.notice(i), java.util.Optional.empty());
            var unused = members.get(i)
                    .mask(
                            plan,
                            Purpose.UPDATE,
                            model,
                            mask -> EncodedRing.adopting(new int[4], RING).mask(mask))
                    .orElseThrow();
        }
    }

    /** What the survivors sign. */
    List<Confirmation> confirm(ContentHash plan, ContentHash model, MemberSet survivors) {
        List<Confirmation> confirmations = new ArrayList<>();
        survivors.forEach(
                i -> confirmations.add(SumPeers.taken(members.get(i).confirm(plan, Purpose.UPDATE, model, survivors))));
        return confirmations;
    }
}
