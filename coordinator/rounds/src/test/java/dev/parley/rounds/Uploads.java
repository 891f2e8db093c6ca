package dev.parley.rounds;

import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.WeightedMean;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The coordinator's store of masked updates, and beside it what only a test may know: what honest sites have encoded
 * behind each of them.
 */
final class Uploads {
    private final Map<ContentHash, byte[]> masked = new HashMap<>();
    private final Map<ContentHash, MaskedUpdate> updates = new HashMap<>();
    private final Map<ContentHash, int[]> encoded = new HashMap<>();
    private final Map<Bytes, EvaluationCounts> counts = new HashMap<>();

    ContentHash hold(byte[] update) {
        ContentHash content = ContentHash.of(update);
        masked.put(content, update);
        return content;
    }

    ContentHash hold(MaskedUpdate update, int[] behindIt) {
        ContentHash content = hold(update.toBytes());
        updates.put(content, update);
        encoded.put(content, behindIt);
        return content;
    }

    /** An honest site's, as the object that it made. */
    MaskedUpdate update(ContentHash content) {
        return Objects.requireNonNull(updates.get(content), "an update that no honest site sent");
    }

    void hold(Bytes maskedCounts, EvaluationCounts behindThem) {
        counts.put(maskedCounts, behindThem);
    }

    byte[] masked(ContentHash content) {
        return Objects.requireNonNull(masked.get(content), "an update that nobody sent");
    }

    /** Empty if no honest site sent it. */
    Optional<EvaluationCounts> counts(Bytes maskedCounts) {
        return Optional.ofNullable(counts.get(maskedCounts));
    }

    /** The mean of exactly these updates, from what was encoded; empty if one of them is not an honest site's. */
    Optional<WeightedMean> mean(RoundPlan plan, Collection<ContentHash> contents) {
        UpdateEncoding encoding = plan.encoding(FederationFixture.LAYOUT.size());
        int[] sum = new int[encoding.length()];
        for (ContentHash content : contents) {
            int[] one = encoded.get(content);
            if (one == null) {
                return Optional.empty();
            }
            for (int i = 0; i < sum.length; i++) {
                sum[i] += one[i];
            }
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] = encoding.modulus().centred(sum[i]);
        }
        return Optional.of(encoding.decode(sum, contents.size(), FederationFixture.LAYOUT));
    }
}
