package dev.parley.privacy.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.key.SecretAccess;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Against notes of others: the example of Go's sumdb/note, and a checkpoint of a public certificate log (arche2025h1,
 * a staging log of May 2026) that four public witnesses have cosigned.
 */
class SignedNoteTest {
    private static final String GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    /** Go's published example, of which only the 32 bytes behind the algorithm are the seed. */
    private static final String GO_SEED = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

    private static final String GO_TEXT =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    private static final String GO_SIGNATURE =
            "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    private static final String CHECKPOINT = """
            arche2025h1.staging.ct.transparency.dev
            1432088532
            U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

            \u2014 arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
            \u2014 arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
            \u2014 transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
            \u2014 witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
            \u2014 remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
            \u2014 witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
            """;

    private static final String CT_KEY =
            "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f";
    private static final List<String> WITNESSES = List.of(
            "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
            "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
            "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
            "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv");

    private static SignedNote note(String text) {
        return SignedNote.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static NoteSigner goSigner() {
        byte[] typed = Base64.getDecoder().decode(GO_SEED);
        SigningSeed seed = SigningSeed.read(Arrays.copyOfRange(typed, 1, typed.length), SecretAccess.token());
        return new NoteSigner(new NoteKey("PeterNeumann", NoteKey.Algorithm.ED25519, seed.publicKey()), seed::sign);
    }

    @Test
    void goVerifiesAndSignsAlike() {
        assertTrue(note(GO_TEXT + "\n" + GO_SIGNATURE).isSignedBy(NoteKey.parse(GO_KEY)));
        assertEquals(GO_KEY, goSigner().key().toString());
        assertEquals(GO_SIGNATURE, goSigner().sign(GO_TEXT, Instant.EPOCH) + "\n");
    }

    @Test
    void aPublicLogAndItsWitnessesVerify() {
        SignedNote note = note(CHECKPOINT);
        Checkpoint checkpoint = Checkpoint.parse(note.text());

        assertEquals(1_432_088_532, checkpoint.size());
        assertEquals(CHECKPOINT, note.toString());
        assertTrue(note.isSignedBy(NoteKey.parse(CT_KEY)));
        for (String written : WITNESSES) {
            NoteKey witness = NoteKey.parse(written);
            assertTrue(note.isSignedBy(witness), written);
            assertEquals(written, witness.toString());
            assertEquals(
                    Instant.ofEpochSecond(0x6A122120),
                    witness.cosignedAt(note.signatureOf(witness).orElseThrow()).orElseThrow());
        }
    }

    /** Every bit of the text, of a signature and of a cosignature's time counts. */
    @Test
    void noBitOfASignedNoteCanBeFlipped() {
        byte[] bytes = CHECKPOINT.getBytes(StandardCharsets.UTF_8);
        int text = CHECKPOINT.indexOf("\n\n") + 1;
        List<NoteKey> keys = List.of(NoteKey.parse(CT_KEY), NoteKey.parse(WITNESSES.getLast()));
        for (int bit = 0; bit < text * Byte.SIZE; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertFalse(verifies(flipped, keys), "bit " + bit);
        }
        SignedNote note = note(CHECKPOINT);
        for (NoteKey key : keys) {
            NoteSignature signature = note.signatureOf(key).orElseThrow();
            for (int bit = 0; bit < signature.bytes().length * Byte.SIZE; bit++) {
                byte[] flipped = signature.bytes();
                flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                assertFalse(
                        key.verifies(note.text(), new NoteSignature(key.name(), key.id(), flipped)),
                        key.name() + " bit " + bit);
            }
        }
    }

    private static boolean verifies(byte[] bytes, List<NoteKey> keys) {
        try {
            SignedNote note = SignedNote.parse(bytes);
            return keys.stream().anyMatch(note::isSignedBy);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A signature by the key's name and id that does not verify spoils a good one beside it. */
    @Test
    void oneWrongSignatureOfAKeySpoilsTheNote() {
        NoteKey key = NoteKey.parse(GO_KEY);
        SignedNote note = note(GO_TEXT + "\n" + GO_SIGNATURE);

        assertFalse(
                note.with(new NoteSignature(key.name(), key.id(), new byte[64])).isSignedBy(key));
        assertTrue(
                note.with(new NoteSignature("another", key.id(), new byte[64])).isSignedBy(key));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text\n",
                "text\n\n",
                "text\n\nno signature\n",
                "text\n\n\u2014 name AAAAAAA=",
                "text\n\n- name x08go/ZJkuBS\n",
                "text\n\n\u2014 a b x08go/ZJkuBS\n",
                "text\n\n\u2014 name x08go/ZJkuBS=\n",
                "text\n\n\u2014 name x08gow==\n",
                "te\txt\n\n\u2014 name x08go/ZJkuBS\n"
            })
    void malformedNotesAreRefused(String note) {
        assertThrows(IllegalArgumentException.class, () -> note(note));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
                "PeterNeumann+c74f20a3+AxPc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "PeterNeumann"
            })
    void malformedKeysAreRefused(String key) {
        assertThrows(IllegalArgumentException.class, () -> NoteKey.parse(key));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "log\n1\n",
                "log\n01\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
                "log\n-1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
                "log\n9223372036854775808\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
                "log\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Rp=\n",
                "log\n0\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n"
            })
    void malformedCheckpointsAreRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Checkpoint.parse(text));
    }

    @Test
    void aCosignatureIsOfItsTimeAndText() {
        SigningSeed seed = SigningSeed.read(new byte[32], SecretAccess.token());
        NoteKey key = new NoteKey("witness", NoteKey.Algorithm.COSIGNATURE_V1, seed.publicKey());
        NoteSignature signature = new NoteSigner(key, seed::sign).sign(GO_TEXT, Instant.ofEpochSecond(1_679_315_147));

        assertTrue(key.verifies(GO_TEXT, signature));
        assertFalse(new NoteKey("witness", NoteKey.Algorithm.ED25519, seed.publicKey()).verifies(GO_TEXT, signature));
        assertTrue(new NoteKey("x", NoteKey.Algorithm.ED25519, seed.publicKey())
                .verifies(
                        ("cosignature/v1\ntime 1679315147\n" + GO_TEXT).getBytes(StandardCharsets.UTF_8),
                        Arrays.copyOfRange(signature.bytes(), 8, 72)));
    }
}
