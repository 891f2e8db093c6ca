package dev.parley.privacy.transparency.event;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.NoteSigner;
import dev.parley.privacy.transparency.SigningSeed;
import dev.parley.privacy.update.ContentHash;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventFormsTest {
    private static final ContentHash ONE = ContentHash.of(new byte[] {1});
    private static final ContentHash TWO = ContentHash.of(new byte[] {2});
    private static final AuditEvent.Round ROUND = new AuditEvent.Round("ward", 3, 0, TWO);

    private static final List<AuditEvent> EVENTS = List.of(
            new AuditEvent.FederationStarted("ward", ONE, TWO, ONE, "parley 0.1.0"),
            new AuditEvent.SiteEnrolled(ONE),
            new AuditEvent.RoundPlanned(
                    ROUND, "train", new AuditEvent.PlannedBy(ONE, TWO, ONE), TWO, List.of("aa", "bb")),
            new AuditEvent.RoundReleased(ROUND, ONE, TWO, List.of("aa"), ONE),
            new AuditEvent.RoundAbandoned(ROUND, "1 updates arrived, at least 2 are needed"),
            new AuditEvent.VersionEvaluated(
                    ROUND, TWO, 120, new TreeMap<>(Map.of("accuracy", "0.875", "auroc", "0.91"))),
            new AuditEvent.Other(
                    "role-changed",
                    new FieldWriter().text("who", "\u00e9\u2028\"\\\n\u0001").done()));

    @Test
    void everyEventIsReadBackAsItWasWritten() {
        for (AuditEvent event : EVENTS) {
            AuditEntry entry = new AuditEntry(Instant.parse("2026-12-01T01:40:42.123Z"), event);
            assertEquals(entry, AuditEntry.parse(entry.toBytes()));
        }
    }

    /** The form is fixed: who reads the log with another program relies on these very bytes. */
    @Test
    void anEntryHasTheseBytes() {
        assertEquals(
                "{\"at\":\"2026-12-01T00:00:00Z\",\"event\":{\"contributors\":[\"aa\"],\"manifest\":\"" + ONE
                        + "\",\"parent\":\"" + ONE + "\",\"round\":{\"attempt\":0,\"federation\":\"ward\",\"plan\":\""
                        + TWO
                        + "\",\"round\":3},\"version\":\"" + TWO + "\"},\"type\":\"round-released\",\"v\":1}",
                new String(
                        new AuditEntry(Instant.parse("2026-12-01T00:00:00Z"), EVENTS.get(3)).toBytes(),
                        StandardCharsets.UTF_8));
    }

    /** No bit of an entry can be flipped without its being another entry, or none. */
    @Test
    void noTwoFormsAreOneEntry() {
        for (AuditEvent event : EVENTS) {
            byte[] bytes = new AuditEntry(Instant.parse("2026-12-01T01:40:42.123Z"), event).toBytes();
            AuditEntry entry = AuditEntry.parse(bytes);
            for (int bit = 0; bit < bytes.length * Byte.SIZE; bit++) {
                byte[] flipped = bytes.clone();
                flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                AuditEntry other;
                try {
                    other = AuditEntry.parse(flipped);
                } catch (IllegalArgumentException e) {
                    continue;
                }
                assertFalse(other.equals(entry), "bit " + bit);
                assertArrayEquals(flipped, other.toBytes());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{} ",
                " {}",
                "{\"b\":1,\"a\":1}",
                "{\"a\":1,\"a\":1}",
                "{\"a\": 1}",
                "{\"a\":1,}",
                "{\"a\":01}",
                "{\"a\":-0}",
                "{\"a\":1.0}",
                "{\"a\":1e3}",
                "{\"a\":9007199254740992}",
                "{\"a\":99999999999999999999}",
                "{\"a\":null}",
                "{\"a\":tru}",
                "[1,]",
                "[1 ]",
                "\"\\u0041\"",
                "\"\\/\"",
                "\"\\u000a\"",
                "\"\\u00\"",
                "\"\t\"",
                "\"\\ud800\"",
                "\"a",
                "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
            })
    void whatIsNotCanonicalIsNotRead(String json) {
        assertThrows(IllegalArgumentException.class, () -> JsonValue.parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void membersAscendByUtf16AsInRfc8785() {
        TreeMap<String, JsonValue> members = new TreeMap<>();
        for (String name : List.of("\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6")) {
            members.put(name, new JsonValue.Truth(true));
        }

        // The order of the example of RFC 8785, section 3.2.3.
        assertEquals(
                "{\"\\r\":true,\"1\":true,\"\u0080\":true,\"\u00f6\":true,\"\u20ac\":true,\"\ud83d\ude00\":true,\"\ufb33\":true}",
                new String(new JsonValue.Fields(members).toBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void aManifestIsReadBackAndItsEnvelopeIsSigned() {
        SigningSeed seed = SigningSeed.read(new byte[32], SecretAccess.token());
        NoteSigner signer = new NoteSigner(new NoteKey("log", NoteKey.Algorithm.ED25519, seed.publicKey()), seed::sign);
        VersionManifest manifest = new VersionManifest(
                TWO,
                ROUND,
                "train",
                ONE,
                ONE,
                TWO,
                ONE,
                List.of("aa"),
                2,
                "parley 0.1.0",
                new TreeMap<>(Map.of("noise", "none")));
        SignedStatement signed = SignedStatement.sign(manifest.toStatement(), signer);
        SignedStatement read = SignedStatement.parse(signed.toBytes());

        assertEquals(signed, read);
        assertTrue(read.isSignedBy(signer.key()));
        assertEquals(manifest, VersionManifest.parse(read.payload()));
        assertTrue(manifest.describes(new AuditEvent.RoundReleased(ROUND, ONE, TWO, List.of("aa"), signed.hash())));
        byte[] envelope = signed.toBytes();
        for (int bit = 0; bit < envelope.length * Byte.SIZE; bit += 7) {
            byte[] flipped = envelope.clone();
            flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertFalse(isSigned(flipped, signer.key()), "bit " + bit);
        }
    }

    private static boolean isSigned(byte[] envelope, NoteKey key) {
        try {
            return SignedStatement.parse(envelope).isSignedBy(key);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
