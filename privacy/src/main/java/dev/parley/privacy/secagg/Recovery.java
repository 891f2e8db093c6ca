package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.Opening.OpenedShare;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.share.InconsistentSharesException;
import dev.parley.privacy.secagg.share.SecretShare;
import dev.parley.privacy.secagg.share.SecretSharing;
import dev.parley.privacy.secagg.share.SharedRecovery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A session in which every secret that is needed can be opened. */
public final class Recovery {
    private final AggregatorState.Revealing revealed;

    Recovery(AggregatorState.Revealing revealed) {
        this.revealed = revealed;
    }

    /** What opening gave. */
    public sealed interface Outcome {
        /**
         * @param byDealer to add to the sum of the survivors' masked vectors, which gives the sum of their vectors; to the
         *     sum that the dealer is in, where there are several. Their seeds are the caller's to close
         */
        record MasksToAdd(SortedMap<Integer, List<MaskTerm>> byDealer) implements Outcome {
            public MasksToAdd {
                byDealer = Collections.unmodifiableSortedMap(new TreeMap<>(byDealer));
            }

            /** All of them, for a single sum. */
            public List<MaskTerm> terms() {
                return byDealer.values().stream().flatMap(List::stream).toList();
            }
        }

        /** A member has dealt something else than it masked with or committed to, so the sum stays closed. */
        record Spoiled(String site, String why) implements Outcome {}
    }

    /** Opens the secrets: for each survivor its own mask, for each lost member its pair masks with the survivors. */
    public Outcome open() {
        SumSession session = revealed.session();
        AggregatorState.Confirming confirmed = revealed.confirmed();
        Map<List<Integer>, SharedRecovery> weights = new HashMap<>();
        SortedMap<Integer, List<MaskTerm>> terms = new TreeMap<>();
        for (int dealer : confirmed.cohort().stream().toArray()) {
            String site = session.roster().member(dealer).site();
            SecretSeed secret;
            try {
                secret = secret(dealer, weights);
            } catch (InconsistentSharesException | IllegalArgumentException e) {
                return spoiled(terms, site, "its shares are of no secret");
            }
            if (confirmed.survivors().contains(dealer)) {
                try (secret) {
                    terms.put(
                            dealer,
                            List.of(new MaskTerm(
                                    secret.forSubject(confirmed.subject().bytes()), false)));
                }
                continue;
            }
            try (secret) {
                Optional<List<MaskTerm>> pairs = pairs(dealer, secret);
                if (pairs.isEmpty()) {
                    return spoiled(terms, site, "its deposit does not open");
                }
                terms.put(dealer, pairs.get());
            }
        }
        return new Outcome.MasksToAdd(terms);
    }

    /** The sum stays closed, so nobody needs the others' secrets. */
    private static Outcome spoiled(SortedMap<Integer, List<MaskTerm>> recovered, String site, String why) {
        recovered.values().stream()
                .flatMap(List::stream)
                .forEach(term -> term.seed().close());
        return new Outcome.Spoiled(site, why);
    }

    /** One dealer's secret of the kind that was revealed. Dealers with the same holders share their Lagrange weights. */
    private SecretSeed secret(int dealer, Map<List<Integer>, SharedRecovery> weights)
            throws InconsistentSharesException {
        SumSession session = revealed.session();
        int threshold = session.terms().threshold();
        List<SecretShare> shares = new ArrayList<>();
        List<Integer> indices = new ArrayList<>();
        int[] holders = session.holders(dealer);
        for (int holder : holders) {
            Opening opening = revealed.openings().get(holder);
            if (opening != null && indices.size() < threshold) {
                int index = session.index(dealer, holder);
                indices.add(index);
                shares.add(SecretShare.fromBytes(index, share(opening, dealer), SecretAccess.token()));
            }
        }
        SharedRecovery recovery = weights.computeIfAbsent(
                indices,
                key -> new SecretSharing(threshold, holders.length)
                        .forHolders(key.stream().mapToInt(Integer::intValue).toArray()));
        try {
            return recovery.recover(shares);
        } finally {
            shares.forEach(SecretShare::close);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Recovery recovery && revealed.equals(recovery.revealed);
    }

    @Override
    public int hashCode() {
        return revealed.hashCode();
    }

    private static byte[] share(Opening opening, int dealer) {
        // Ascending, one for each dealer that the holder has shares of: checked when it was received.
        int low = 0;
        int high = opening.shares().size() - 1;
        while (low < high) {
            int middle = low + high >>> 1;
            if (opening.shares().get(middle).dealer() < dealer) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        OpenedShare share = opening.shares().get(low);
        if (share.dealer() != dealer) {
            throw new IllegalStateException("a holder's share of member " + dealer + " was not revealed");
        }
        return share.share().toArray();
    }

    /** What the survivors have masked with the lost member: added by those before it, subtracted by those after it. */
    private Optional<List<MaskTerm>> pairs(int lost, SecretSeed recoveryKey) {
        SumSession session = revealed.session();
        AggregatorState.Confirming confirmed = revealed.confirmed();
        Deal deal = java.util.Objects.requireNonNull(confirmed.deals().get(lost), "a cohort member has dealt");
        Optional<byte[]> opened = SealedBox.open(recoveryKey, deal.deposit().shared(), session.sealContext(lost, lost));
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        byte[] list = opened.get();
        List<MaskTerm> terms = new ArrayList<>();
        int at = 0;
        for (int peer : session.peers(lost).stream().toArray()) {
            if (confirmed.survivors().contains(peer)) {
                byte[] bytes = Arrays.copyOfRange(list, at, at + SecretSeed.SIZE_BYTES);
                try (SecretSeed seed = SecretSeed.copyOf(bytes, SecretAccess.token())) {
                    Arrays.fill(bytes, (byte) 0);
                    terms.add(new MaskTerm(seed.forSubject(confirmed.subject().bytes()), peer < lost).negated());
                }
            }
            at += SecretSeed.SIZE_BYTES;
        }
        Arrays.fill(list, (byte) 0);
        return Optional.of(terms);
    }
}
