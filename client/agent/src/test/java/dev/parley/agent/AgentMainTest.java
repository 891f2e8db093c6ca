package dev.parley.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.agent.identity.IdentityFolder;
import dev.parley.agent.identity.SiteKey;
import dev.parley.agent.identity.TestAuthority;
import dev.parley.agent.storage.BudgetFile;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.accounting.Mechanism;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.dp.ledger.Decision;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.dp.noise.StatisticalDistance;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentMainTest {
    @TempDir
    Path folder;

    private record Run(int code, String out, String err) {
        /** Its one line on standard error. */
        String oneLine() {
            assertEquals(1, err.lines().count(), err);
            assertTrue(err.startsWith("parley agent: "), err);
            return err;
        }
    }

    /** A manifest is a number of records here, or nothing. */
    private static SiteData records(Path manifest) throws SiteData.UnusableException {
        if (Files.notExists(manifest)) {
            throw new SiteData.UnusableException(manifest + ": no such file; correct 'records' in agent.yaml");
        }
        RecordSchema schema = new RecordSchema(
                List.of(new Modality.Table("vitals", List.of(new Channel("pulse", "1/min", 0, 300)))),
                List.of("well", "ill"));
        List<SiteRecord> records = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            SiteRecord.Consent consent = i == 0
                    ? new SiteRecord.Consent.Withdrawn(Instant.EPOCH)
                    : new SiteRecord.Consent.Granted(Set.of("research"));
            records.add(new SiteRecord(
                    "r" + i,
                    "secret-subject-" + i / 2,
                    "north",
                    null,
                    i < 3 ? Map.of("vitals", new ModalityValue.Table(new float[] {0}, new boolean[] {true})) : Map.of(),
                    i % 2,
                    consent,
                    new SiteRecord.Provenance("secret.csv:" + i, List.of())));
        }
        return new SiteData(schema, records, List.of());
    }

    private static Run execute(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream capturedOut = new ByteArrayOutputStream();
        ByteArrayOutputStream capturedErr = new ByteArrayOutputStream();
        System.setOut(new PrintStream(capturedOut, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(capturedErr, true, StandardCharsets.UTF_8));
        try {
            int code = AgentMain.execute(AgentMainTest::records, arguments);
            return new Run(
                    code, capturedOut.toString(StandardCharsets.UTF_8), capturedErr.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private String configuration(int port) throws Exception {
        return Files.writeString(folder.resolve("agent.yaml"), """
                        site: north
                        coordinator: localhost:%d
                        federation: hospital
                        purpose: research
                        records: records/dataset.yaml
                        """.formatted(port))
                .toString();
    }

    private Path token(TestAuthority authority) throws Exception {
        return Files.writeString(folder.resolve("token"), authority.token().secretText() + "\n");
    }

    private static int closedPort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void explainsEveryExampleKey() throws Exception {
        String example = execute("example-config").out();
        // Every key that is commented out is switched on: a key that the program does not know is refused.
        List<String> lines = new ArrayList<>();
        for (String line : example.lines().toList()) {
            Matcher commented = Pattern.compile("# ?( *[a-z-]+: .*)").matcher(line);
            lines.add(commented.matches() ? commented.group(1) : line);
        }
        Path file = Files.write(folder.resolve("agent.yaml"), lines);

        Run explained = execute("explain", "--config", file.toString());

        assertEquals(0, explained.code(), explained.err());
        assertTrue(explained.out().contains("What never leaves this site"), explained.out());
        assertTrue(
                explained.out().contains("The coordinator sees only the sum of the sites' updates"), explained.out());
    }

    @Test
    void statesTheBudgetInWordsAndInJson() throws Exception {
        Path file = folder.resolve("agent.yaml");
        Files.writeString(
                file,
                Files.readString(Path.of(configuration(closedPort())))
                        + "rules: {budget: {unit: record, epsilon: 2, delta: 1.0e-5}}\n");
        Run fresh = execute("budget", "--config", file.toString());
        Files.createDirectory(folder.resolve("state"));
        Budget budget =
                new Budget(PrivacyUnit.RECORD, NeighbouringRelation.ADD_OR_REMOVE_ONE, new Epsilon(2), new Delta(1e-5));
        BudgetFile ledger =
                BudgetFile.open(folder.resolve("state/budget.ledger"), budget, InstantSource.fixed(Instant.EPOCH));
        assertInstanceOf(
                Decision.Granted.class,
                ledger.debit(new Release(
                        "training round 0",
                        PrivacyUnit.RECORD,
                        new Mechanism.Gaussian(new NoiseMultiplier(8)),
                        1,
                        StatisticalDistance.ZERO)));

        Run spent = execute("budget", "--config", file.toString());
        JsonNode json = new ObjectMapper()
                .readTree(
                        execute("budget", "--json", "--config", file.toString()).out());

        assertEquals("budget  epsilon 2.0 at delta 1.0E-5 per record\nspent   nothing yet\n", fresh.out());
        assertTrue(
                spent.out()
                        .contains("in 1 release; the last was training round 0 on 1970-01-01T00:00:00Z\nleft    "
                                + ledger.spending()
                                        .affordable(ledger.entries().getLast().release())
                                + " more like the last one"),
                spent.out());
        assertEquals(1, json.get("releases").asInt());
        assertEquals(ledger.spending().epsilon().value(), json.get("spent").asDouble());
        assertEquals("training round 0", json.at("/last/what").asText());
    }

    @Test
    void aBudgetThatNobodyHasSetIsNotStated() throws Exception {
        Run run = execute("budget", "--config", configuration(closedPort()));

        assertEquals(ExitCode.INPUT.code(), run.code());
        assertTrue(run.oneLine().contains("has set no budget"), run.err());
    }

    @Test
    void saysInOneLineThatNobodyAnswers() throws Exception {
        TestAuthority authority = new TestAuthority();

        Run run = execute(
                "enrol",
                "--config",
                configuration(closedPort()),
                "--token-file",
                token(authority).toString());

        assertEquals(4, run.code());
        assertTrue(run.oneLine().contains("cannot be reached"), run.err());
        assertFalse(new IdentityFolder(folder.resolve("state/identity")).isEnrolled());
    }

    @Test
    void refusesATokenOfAnotherAuthorityThanTheOneGiven() throws Exception {
        TestAuthority authority = new TestAuthority();

        Run run = execute(
                "enrol",
                "--config",
                configuration(closedPort()),
                "--token-file",
                token(authority).toString(),
                "--authority-fingerprint",
                "0".repeat(64));

        assertEquals(8, run.code());
        assertTrue(run.oneLine().contains("nothing was sent"), run.err());
    }

    @Test
    void doesNotReplaceAnIdentityUnasked() throws Exception {
        TestAuthority authority = new TestAuthority();
        SiteKey key = SiteKey.generate();
        Path identities = Files.createDirectories(folder.resolve("state/identity"));
        new IdentityFolder(identities)
                .keep(
                        key,
                        authority.issue(key.certificateRequest("north")).getEncoded(),
                        authority.certificate().getEncoded(),
                        authority.fingerprint());
        byte[] before = Files.readAllBytes(identities.resolve("site-key.pem"));

        Run run = execute(
                "enrol",
                "--config",
                configuration(closedPort()),
                "--token-file",
                token(authority).toString());

        assertEquals(2, run.code());
        assertTrue(run.oneLine().contains("--again"), run.err());
        assertTrue(Arrays.equals(before, Files.readAllBytes(identities.resolve("site-key.pem"))));
    }

    @Test
    void runsOnlyWhenEnrolled() throws Exception {
        Run run = execute("run", "--config", configuration(closedPort()));

        assertEquals(2, run.code());
        assertTrue(run.oneLine().contains("is not enrolled"), run.err());
    }

    @Test
    void anAgentThatIsKeptOutBeginsNoEpoch() throws Exception {
        TestAuthority authority = new TestAuthority();
        SiteKey key = SiteKey.generate();
        Path state = Files.createDirectories(folder.resolve("state"));
        new IdentityFolder(Files.createDirectories(state.resolve("identity")))
                .keep(
                        key,
                        authority.issue(key.certificateRequest("north")).getEncoded(),
                        authority.certificate().getEncoded(),
                        authority.fingerprint());
        String configuration = configuration(closedPort());
        Files.createDirectories(folder.resolve("records"));
        Files.writeString(folder.resolve("records/dataset.yaml"), "");
        try (FileChannel lock =
                FileChannel.open(state.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            var held = lock.lock();
            assertTrue(held.isValid());

            Run run = execute("run", "--config", configuration);

            assertEquals(6, run.code());
            assertTrue(run.oneLine().contains("is in use by another agent"), run.err());
            assertTrue(Files.notExists(state.resolve("pledges.json")), "the other agent may be writing them");
        }
    }

    @Test
    void explainsThatSharesAndSignaturesLeave() throws Exception {
        Run run = execute("explain", "--config", configuration(closedPort()));

        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("both are masked before they leave"), run.out());
        assertTrue(run.out().contains("encrypted shares for the other sites"), run.out());
        assertTrue(run.out().contains("its signature under the list of sites"), run.out());
        assertTrue(run.out().contains("the shares that take the masks off"), run.out());
        assertTrue(run.out().contains("at least 3 sites, this one included"), run.out());
    }

    @Test
    void saysWhatIsWrongWithATokenWithoutShowingIt() throws Exception {
        Run run = execute("enrol", "--config", configuration(closedPort()), "--token", "parley1.secret");

        assertEquals(2, run.code());
        assertFalse(run.oneLine().contains("parley1.secret"), run.err());
    }

    @Test
    void countsRecordsWithoutShowingThem() throws Exception {
        String configuration = configuration(closedPort());
        Files.createDirectories(folder.resolve("records"));
        Files.writeString(folder.resolve("records/dataset.yaml"), "");

        Run run = execute("check-data", "--config", configuration);

        assertEquals(0, run.code(), run.err());
        assertEquals(
                List.of(
                        "for the purpose 'research': 4 records to train on, 0 held out",
                        "withheld because consent is withdrawn or does not name the purpose: 1 and 0",
                        "modality vitals: in 2 of 4 training records",
                        "class well: 2 training records",
                        "class ill: 2 training records",
                        "subjects to train on: 3",
                        "left out because they break a rule: 0 rows"),
                run.out().lines().toList());
    }

    @Test
    void saysInOneLineThatTheRecordsAreMissing() throws Exception {
        Run run = execute("check-data", "--config", configuration(closedPort()));

        assertEquals(2, run.code());
        assertTrue(run.oneLine().contains("records/dataset.yaml: no such file"), run.err());
    }

    @Test
    void namesTheMissingConfiguration() {
        Run run = execute("explain", "--config", folder.resolve("none.yaml").toString());

        assertEquals(2, run.code());
        assertTrue(run.oneLine().contains("no such file"), run.err());
    }

    @Test
    void needsAKnownCommand() {
        assertEquals(2, execute("fly").code());
        assertEquals(0, execute().code());
    }
}
