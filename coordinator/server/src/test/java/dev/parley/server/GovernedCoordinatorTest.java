package dev.parley.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.server.TrainingSite.Conduct;
import dev.parley.server.cluster.ActorFederation;
import dev.parley.server.configuration.CoordinatorConfiguration;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the policies in force let a coordinator do: start, let sites in, send plans out. */
class GovernedCoordinatorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final EvaluationCounts COUNTS =
            EvaluationCounts.of(new float[] {0.9f, 0.1f, 0.2f, 0.8f}, new int[] {0, 1}, 2);
    private static final String FEDERATION = """
            name: hospital
            seed: 42
            rounds: 2
            attempts: 1
            cohort: {quorum: 3, starting: 3}
            """;

    @TempDir
    Path folder;

    private CoordinatorConfiguration configuration(String governance, String policies) throws Exception {
        Path file = ConfigurationText.in(folder).file(FEDERATION);
        Files.writeString(file, "policies: rules\n" + governance, StandardOpenOption.APPEND);
        Files.writeString(Files.createDirectories(folder.resolve("rules")).resolve("rules.yaml"), policies);
        return CoordinatorConfiguration.read(file);
    }

    private static String policy(String name, String requests, String expression, String action) {
        return """
                apiVersion: policies.parley.dev/v1
                kind: Policy
                metadata: {name: %1$s}
                spec:
                  match: {requests: [%2$s]}
                  validations:
                    - name: rule
                      expression: %3$s
                      message: the rule %1$s
                ---
                apiVersion: policies.parley.dev/v1
                kind: PolicyBinding
                metadata: {name: %1$s}
                spec: {policyName: %1$s, validationActions: [%4$s]}
                ---
                """.formatted(name, requests, expression, action);
    }

    private StartFailure startFails(CoordinatorConfiguration configuration) {
        StartFailure failure = assertThrows(
                StartFailure.class,
                () -> Coordinator.start(configuration, Optional.empty(), InstantSource.system())
                        .close());
        assertFalse(Files.exists(folder.resolve("data")), "nothing is opened for what may not begin");
        return failure;
    }

    @Test
    void refusesToStartWithAnIllTypedPolicyAndShowsThePlace() throws Exception {
        StartFailure failure =
                startFails(configuration("", policy("sums", "startFederation", "request.cohort.qorum >= 3", "Deny")));

        assertEquals(ExitCode.INPUT, failure.exitCode());
        assertEquals("""
                rules.yaml:8:34: rule rule of policy sums: there is no field 'qorum' here (did you mean 'quorum'?)
                    8 |       expression: request.cohort.qorum >= 3
                      |                                  ^""", failure.shown());
    }

    @Test
    void doesNotBeginWhatAPolicyDeniesAndSaysThePolicyTheRuleAndTheValues() throws Exception {
        StartFailure failure = startFails(
                configuration("", policy("sums", "startFederation", "request.protection.smallestSum >= 5", "Deny")));

        assertEquals(ExitCode.POLICY, failure.exitCode());
        assertTrue(
                failure.getMessage()
                        .contains(
                                "denied by policy sums, rule rule: the rule sums (request.protection.smallestSum = 3)"),
                failure.getMessage());
    }

    @Test
    void doesNotBeginWhereEvidenceIsMissingUntilItIsDeclared() throws Exception {
        String policies = policy("purpose", "startFederation", "request.purpose == 'research'", "Deny");

        StartFailure failure = startFails(configuration("", policies));

        assertEquals(ExitCode.POLICY, failure.exitCode());
        assertTrue(
                failure.getMessage()
                        .contains("needs a human's decision: policy purpose, rule rule: request.purpose is"
                                + " not given"),
                failure.getMessage());
        Coordinator.start(
                        configuration("governance: {purpose: research}\n", policies),
                        Optional.empty(),
                        InstantSource.system())
                .close();
    }

    @Test
    void letsNeitherADeniedSiteInNorADeniedPlanOut() throws Exception {
        CoordinatorConfiguration configuration = configuration(
                "governance: {sites: {north: {jurisdiction: DE}, east: {jurisdiction: DE}, south: {jurisdiction: DE},"
                        + " west: {jurisdiction: US}}}\n",
                policy("where", "joinSite", "request.site.jurisdiction == 'DE'", "Deny")
                        + policy("named", "joinSite", "has(request.site.organisation)", "Warn")
                        + policy("early", "runRound", "request.round < 1", "Deny"));
        List<TrainingSite> sites = new ArrayList<>();
        try (Coordinator coordinator = Coordinator.start(configuration, Optional.empty(), InstantSource.system())) {
            StatusRuntimeException refused =
                    assertThrows(StatusRuntimeException.class, () -> enrolled(configuration, "west"));
            assertEquals(Status.Code.PERMISSION_DENIED, refused.getStatus().getCode());
            assertTrue(
                    String.valueOf(refused.getStatus().getDescription())
                            .contains("site west may not enrol: denied by policy where, rule rule"),
                    String.valueOf(refused.getStatus()));

            for (String name : List.of("north", "east", "south")) {
                sites.add(enrolled(configuration, name));
            }
            for (TrainingSite site : sites) {
                site.attend("hospital");
            }
            ActorFederation.Ending ending = coordinator.awaitEnd();

            assertFalse(ending.completed(), ending.outcome());
            for (TrainingSite site : sites) {
                assertEquals(Set.of(0), site.invitedTo(), "the second round's plan has reached nobody");
                assertEquals(Set.of(0), site.submittedTo());
            }
            await().atMost(PATIENCE)
                    .until(() -> status(configuration).path("ended").asBoolean());
        } finally {
            for (TrainingSite site : sites) {
                site.close();
            }
        }
        JsonNode notes = status(configuration).path("governance");
        assertTrue(has(notes, "joinSite", "west", "Deny"), notes.toString());
        assertTrue(has(notes, "joinSite", "north", "Warn"), notes.toString());
        assertTrue(notes.findValuesAsText("request").contains("runRound"), notes.toString());
    }

    private static boolean has(JsonNode notes, String request, String about, String verdict) {
        for (JsonNode note : notes) {
            if (note.path("request").asText().equals(request)
                    && note.path("about").asText().equals(about)
                    && note.path("verdict").asText().equals(verdict)) {
                return true;
            }
        }
        return false;
    }

    private static TrainingSite enrolled(CoordinatorConfiguration configuration, String name) throws Exception {
        return TrainingSite.enrolled(
                configuration, name, SumMember.of("hospital", name), 0.5f, COUNTS, round -> Conduct.HONEST);
    }

    private static JsonNode status(CoordinatorConfiguration configuration) throws IOException {
        return new ObjectMapper()
                .readTree(configuration.data().resolve("status.json").toFile());
    }
}
