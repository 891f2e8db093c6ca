package dev.parley.privacy.secagg;

import static dev.parley.privacy.secagg.VectorFile.bytes;
import static dev.parley.privacy.secagg.VectorFile.hex;
import static dev.parley.privacy.secagg.VectorFile.integers;
import static dev.parley.privacy.secagg.VectorFile.items;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.privacy.secagg.graph.GroupedGraph;
import dev.parley.privacy.secagg.key.RecordedAgreement;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.secagg.share.InconsistentSharesException;
import dev.parley.privacy.secagg.share.SecretShare;
import dev.parley.privacy.secagg.share.SecretSharing;
import dev.parley.privacy.update.ContentHash;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each primitive by itself, against recorded values; {@code -Dparley.vectors=write} records new ones. */
class PrimitiveVectorTest {
    private static final VectorFile FILE = new VectorFile("primitives.json");
    private static final RingModulus WORDS = new RingModulus(32);
    private static JsonNode vectors;

    @BeforeAll
    static void readOrWrite() {
        if (VectorFile.isWriting()) {
            FILE.write(new Writer().write());
        }
        vectors = FILE.read();
    }

    @Test
    void derivationsGiveTheRecordedKeys() {
        for (JsonNode item : items(vectors.required("derivations"))) {
            SecretSeed derived = RecordedAgreement.derive(
                    seed(item, "key"), item.required("label").textValue(), bytes(item, "context"));

            assertEquals(item.required("derived").textValue(), hex(derived.copyBytes(SecretAccess.token())));
        }
    }

    @Test
    void masksExpandToTheRecordedWords() {
        for (JsonNode item : items(vectors.required("masks"))) {
            int[] words = integers(item.required("words"));

            assertArrayEquals(words, expanded(seed(item, "seed"), words.length));
        }
    }

    @Test
    void elementsPackIntoTheRecordedBytes() {
        for (JsonNode item : items(vectors.required("packings"))) {
            RingModulus modulus = new RingModulus(item.required("bits").intValue());
            int[] elements = integers(item.required("elements"));

            assertArrayEquals(bytes(item, "packed"), packed(elements, modulus));
        }
    }

    @Test
    void boxesSealAndOpen() {
        for (JsonNode item : items(vectors.required("boxes"))) {
            byte[] box = SealedBox.seal(seed(item, "key"), bytes(item, "message"), bytes(item, "bound"));
            byte[] damaged = box.clone();
            damaged[0] ^= 1;

            assertArrayEquals(bytes(item, "box"), box);
            assertArrayEquals(
                    bytes(item, "message"),
                    SealedBox.open(seed(item, "key"), box, bytes(item, "bound")).orElseThrow());
            assertEquals(Optional.empty(), SealedBox.open(seed(item, "key"), damaged, bytes(item, "bound")));
        }
    }

    @Test
    void sharesAreTheRecordedOnesAndRecover() throws InconsistentSharesException {
        for (JsonNode item : items(vectors.required("sharings"))) {
            SecretSharing sharing = sharing(item);
            List<SecretShare> shares = sharing.deal(
                    seed(item, "secret"),
                    ReplayedRandom.ofCoefficients(items(item.required("coefficients")).stream()
                            .map(VectorFile::bytes)
                            .toList()));
            List<SecretShare> last = shares.subList(sharing.holders() - sharing.threshold(), sharing.holders());

            assertEquals(
                    items(item.required("shares")).stream()
                            .map(JsonNode::textValue)
                            .toList(),
                    shares.stream()
                            .map(share -> hex(share.toBytes(SecretAccess.token())))
                            .toList());
            assertEquals(seed(item, "secret"), sharing.recover(last));
        }
    }

    @Test
    void whatIsNoSecretIsNotRecovered() {
        for (JsonNode item : items(vectors.required("inconsistentShares"))) {
            List<JsonNode> shares = items(item.required("shares"));
            SecretSharing sharing = sharing(item);

            assertFalse(recovers(sharing, shares), item.required("why").textValue());
        }
    }

    @Test
    void groupsAreTheRecordedOnes() {
        for (JsonNode item : items(vectors.required("groupings"))) {
            GroupedGraph graph = new GroupedGraph(
                    item.required("members").intValue(),
                    item.required("groups").intValue(),
                    new ContentHash(item.required("seed").textValue()));

            assertArrayEquals(integers(item.required("groupOf")), groupOf(graph));
        }
    }

    private static int[] groupOf(GroupedGraph graph) {
        return IntStream.range(0, graph.members()).map(graph::component).toArray();
    }

    private static boolean recovers(SecretSharing sharing, List<JsonNode> shares) {
        try {
            List<SecretShare> read = shares.stream()
                    .map(share -> SecretShare.fromBytes(
                            share.required("holder").intValue(), bytes(share, "share"), SecretAccess.token()))
                    .toList();
            sharing.recover(read);
            return true;
        } catch (InconsistentSharesException | IllegalArgumentException e) {
            return false;
        }
    }

    private static SecretSharing sharing(JsonNode item) {
        return new SecretSharing(
                item.required("threshold").intValue(), item.required("holders").intValue());
    }

    private static SecretSeed seed(JsonNode item, String field) {
        return SecretSeed.copyOf(bytes(item, field), SecretAccess.token());
    }

    private static int[] expanded(SecretSeed seed, int length) {
        RingSum sum = new RingSum(length, WORDS);
        sum.addMasks(List.of(new MaskTerm(seed, true)), 1);
        return sum.centred();
    }

    /** Packs by way of a mask that is taken off before: only masked vectors have bytes. */
    private static byte[] packed(int[] elements, RingModulus modulus) {
        SecretSeed self = SecretSeed.random(new DeterministicRandom(1));
        SecretSeed pair = SecretSeed.random(new DeterministicRandom(2));
        int[] ring = elements.clone();
        int[] added = expanded(self, ring.length);
        int[] subtracted = expanded(pair, ring.length);
        for (int i = 0; i < ring.length; i++) {
            ring[i] += subtracted[i] - added[i];
        }
        OneTimeMask mask = OneTimeMask.of(self, List.of(new MaskTerm(pair, false)));
        return EncodedRing.adopting(ring, modulus).mask(mask).toBytes();
    }

    /** Draws the vectors anew. */
    private static final class Writer {
        private final DeterministicRandom random = new DeterministicRandom(1126);

        ObjectNode write() {
            ObjectNode root = JsonNodeFactory.instance.objectNode();
            derivations(root.putArray("derivations"));
            masks(root.putArray("masks"));
            packings(root.putArray("packings"));
            boxes(root.putArray("boxes"));
            sharing(root.putArray("sharings").addObject(), drawn(32), 2, 3);
            sharing(((ArrayNode) root.get("sharings")).addObject(), drawn(32), 5, 8);
            byte[] ones = new byte[32];
            Arrays.fill(ones, (byte) -1);
            sharing(((ArrayNode) root.get("sharings")).addObject(), ones, 4, 4);
            inconsistent(root.putArray("inconsistentShares"));
            groupings(root.putArray("groupings"));
            return root;
        }

        private byte[] drawn(int size) {
            byte[] bytes = new byte[size];
            if (size > 0) {
                random.nextBytes(bytes);
            }
            return bytes;
        }

        private void derivations(ArrayNode to) {
            for (int contextSize : new int[] {0, 32, 40}) {
                for (String label : new String[] {"pair-key", "mask", "seal", "vector"}) {
                    byte[] key = drawn(32);
                    byte[] context = drawn(contextSize);
                    SecretSeed derived =
                            RecordedAgreement.derive(SecretSeed.copyOf(key, SecretAccess.token()), label, context);
                    to.addObject()
                            .put("key", hex(key))
                            .put("label", label)
                            .put("context", hex(context))
                            .put("derived", hex(derived.copyBytes(SecretAccess.token())));
                }
            }
        }

        private void masks(ArrayNode to) {
            for (int length : new int[] {1, 4, 11, 64}) {
                byte[] seed = drawn(32);
                ArrayNode words = to.addObject().put("seed", hex(seed)).putArray("words");
                Arrays.stream(expanded(SecretSeed.copyOf(seed, SecretAccess.token()), length))
                        .forEach(words::add);
            }
        }

        private void packings(ArrayNode to) {
            for (int bits : new int[] {12, 17, 20, 24, 31, 32}) {
                RingModulus modulus = new RingModulus(bits);
                int[] elements = new int[9];
                Arrays.setAll(elements, i -> modulus.centred(random.nextInt()));
                elements[0] = -1;
                ObjectNode item = to.addObject().put("bits", bits);
                ArrayNode values = item.putArray("elements");
                Arrays.stream(elements).forEach(values::add);
                item.put("packed", hex(packed(elements, modulus)));
            }
        }

        private void boxes(ArrayNode to) {
            for (int size : new int[] {0, 16, 80, 129}) {
                byte[] key = drawn(32);
                byte[] message = drawn(size);
                byte[] bound = drawn(40);
                SecretSeed secret = SecretSeed.copyOf(key, SecretAccess.token());
                to.addObject()
                        .put("key", hex(key))
                        .put("message", hex(message))
                        .put("bound", hex(bound))
                        .put("box", hex(SealedBox.seal(secret, message, bound)));
            }
        }

        private void sharing(ObjectNode item, byte[] secret, int threshold, int holders) {
            item.put("threshold", threshold).put("holders", holders).put("secret", hex(secret));
            RecordingRandom recording = new RecordingRandom(random);
            List<SecretShare> shares = new SecretSharing(threshold, holders)
                    .deal(SecretSeed.copyOf(secret, SecretAccess.token()), recording);
            SessionVectorWriter.coefficients(item.putArray("coefficients"), recording.draw(0, 4096), threshold);
            ArrayNode recorded = item.putArray("shares");
            shares.forEach(share -> recorded.add(hex(share.toBytes(SecretAccess.token()))));
        }

        private void groupings(ArrayNode to) {
            grouping(to.addObject(), 4, 2);
            grouping(to.addObject(), 17, 5);
            grouping(to.addObject(), 200, 7);
        }

        private void grouping(ObjectNode item, int members, int groups) {
            ContentHash seed = ContentHash.ofDigest(drawn(32));
            item.put("members", members).put("groups", groups).put("seed", seed.hex());
            ArrayNode groupOf = item.putArray("groupOf");
            Arrays.stream(groupOf(new GroupedGraph(members, groups, seed))).forEach(groupOf::add);
        }

        private void inconsistent(ArrayNode to) {
            List<SecretShare> shares = new SecretSharing(3, 5).deal(SecretSeed.random(random), random);
            byte[] changed = shares.get(1).toBytes(SecretAccess.token());
            changed[0] ^= 1;
            shares(to.addObject().put("why", "a share is off by one in one value"), shares, changed);
            byte[] beyond = shares.get(1).toBytes(SecretAccess.token());
            Arrays.fill(beyond, 0, 7, (byte) -1);
            beyond[7] = 0x1f;
            shares(to.addObject().put("why", "a value is p itself, which is no element's form"), shares, beyond);
        }

        private static void shares(ObjectNode item, List<SecretShare> shares, byte[] second) {
            item.put("threshold", 3).put("holders", 5);
            ArrayNode recorded = item.putArray("shares");
            recorded.addObject().put("holder", 0).put("share", hex(shares.get(0).toBytes(SecretAccess.token())));
            recorded.addObject().put("holder", 1).put("share", hex(second));
            recorded.addObject().put("holder", 4).put("share", hex(shares.get(4).toBytes(SecretAccess.token())));
        }
    }
}
