package dev.parley.server.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.UpdateRule;
import dev.parley.server.database.DatabaseSettings;
import dev.parley.server.gateway.GatewayLimits;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoordinatorConfigurationTest {
    private static final String SMALLEST = """
            data: data
            model: initial.safetensors
            learning: learning.json
            federation:
              name: hospital
              seed: 42
              rounds: 10
              evaluation: {classes: 2}
            """;

    private static CoordinatorConfiguration read(String text) throws ConfigurationException {
        return CoordinatorConfiguration.parse("c.yaml", text, Path.of("/srv/parley"));
    }

    @Test
    void needsLittleAndTakesDefaultsForTheRest() throws Exception {
        CoordinatorConfiguration read = read(SMALLEST);

        assertEquals(Path.of("/srv/parley/data"), read.data());
        assertEquals(Path.of("/srv/parley/data/ready.json"), read.listen().readyFile());
        assertEquals(7443, read.listen().port());
        assertEquals(GatewayLimits.defaults(), read.limits());
        assertEquals(Duration.ofDays(30), read.certificates().site());
        assertEquals(new ServerOptimizer.FedAvg(1, 0), read.federation().optimizer());
    }

    @Test
    void startsADatabaseOfItsOwnUnlessItIsGivenAnother() throws Exception {
        assertEquals(DatabaseSettings.Embedded.standard(), read(SMALLEST).database());
        assertEquals(
                new DatabaseSettings.Embedded(Path.of("/srv/parley/programs")),
                read(SMALLEST + "database: {programs: programs}\n").database());
        assertEquals(
                new DatabaseSettings.External(
                        "jdbc:postgresql://db:5432/parley", "parley", Path.of("/srv/parley/password")),
                read(SMALLEST
                                + "database: {url: 'jdbc:postgresql://db:5432/parley', user: parley, password-file: password}\n")
                        .database());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{url: 'jdbc:h2:mem', user: a, password-file: p} | database.url = jdbc:h2:mem: expected a URL such as",
                "{url: 'jdbc:postgresql://h/d?password=x', user: a, password-file: p} | do not belong into the URL",
                "{url: 'jdbc:postgresql://h/d', password-file: p} | database.user: is missing and has no default",
                "{url: 'jdbc:postgresql://h/d', user: a} | database.password-file: is missing and has no default",
                "{user: a} | database.user: unknown key",
                "{url: 'jdbc:postgresql://h/d', user: a, password-file: p, programs: x} | database.programs: unknown key"
            })
    void saysWhatIsWrongWithADatabase(String database, String expected) {
        ConfigurationException failure =
                assertThrows(ConfigurationException.class, () -> read(SMALLEST + "database: " + database + "\n"));

        assertTrue(failure.getMessage().startsWith("c.yaml:9: "), failure.getMessage());
        assertTrue(failure.getMessage().contains(expected), failure.getMessage());
    }

    @Test
    void readsNegativeSeedsAndAdam() throws Exception {
        CoordinatorConfiguration read = read(SMALLEST.replace("seed: 42", "seed: -9223372036854775808")
                + "  server-optimizer: {kind: fedadam, learning-rate: 0.02}\n");

        assertEquals(Long.MIN_VALUE, read.federation().seed());
        assertEquals(
                new ServerOptimizer.FedAdam(0.02, 0.9, 0.99, 1e-3),
                read.federation().optimizer());
    }

    @Test
    void masksWhetherOrNotItIsAskedTo() throws Exception {
        CoordinatorConfiguration asked = read(
                SMALLEST + "  update: {secure-aggregation: {bits: 16, colluding: 0}}\n  times: {recovering: 30 s}\n");

        assertEquals(
                new MaskingRule(new RingModulus(24), 1),
                read(SMALLEST).federation().update().masking());
        assertEquals(
                new MaskingRule(new RingModulus(16), 0),
                asked.federation().update().masking());
        assertEquals(Duration.ofSeconds(30), asked.federation().times().recovering());
        assertEquals(3, read(SMALLEST).federation().cohort().quorum());
    }

    /** There is no way to ask for updates without masks: neither the former one nor any that reads as if it were one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "update: {masking: none}",
                "update: {masking: secure}",
                "masking: none",
                "update: {secure-aggregation: none}",
                "update: {secure-aggregation: false}",
                "update: {secure-aggregation: {enabled: false}}",
                "update: {secure-aggregation: {bits: 0}}",
                "cohort: {quorum: 1, minimum: 1}",
            })
    void canNotBeAskedForUnmaskedUpdates(String line) {
        String message = assertThrows(ConfigurationException.class, () -> read(SMALLEST + "  " + line + "\n"))
                .getMessage();

        assertTrue(message.startsWith("c.yaml:9: federation."), message);
        assertTrue(!line.contains("masking") || message.contains("masking: unknown key"), message);
    }

    /** Ten rounds of a quorum of eight, one of whom may collude. */
    @Test
    void noiseThatHidesSitesIsCalculatedForTheRoundsAndTheFloor() throws Exception {
        String cohort = "  cohort: {quorum: 8, minimum: 10}\n";
        UpdateRule calculated = read(SMALLEST + cohort
                        + "  update: {noise: site-level, site-level: {epsilon: 8, delta: 1e-5}}\n")
                .federation()
                .update();
        UpdateRule given = read(SMALLEST + cohort + "  update: {noise: site-level, site-level: {multiplier: 2.5}}\n")
                .federation()
                .update();

        var noise = (UpdateNoise.DistributedGaussian) calculated.noise();
        assertEquals(7, noise.shares());
        assertEquals(1, calculated.exampleCap());
        assertTrue(noise.multiplier().value() > 0.5, noise::toString);
        assertEquals(new UpdateNoise.DistributedGaussian(new NoiseMultiplier(2.5), 7), given.noise());
    }

    @Test
    void refusesPartsThatDoNotGoTogether() {
        String text = SMALLEST + "  cohort: {minimum: 4}\n  update: {secure-aggregation: {colluding: 5}}\n";

        String message =
                assertThrows(ConfigurationException.class, () -> read(text)).getMessage();

        assertTrue(
                message.startsWith("c.yaml:10: federation.update: with 5 colluding members a round of 4 sites may sum"),
                message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "federation/name: Hospital | c.yaml:5: federation.name = Hospital: a federation's name is",
                "federation/name: ../etc | c.yaml:5: federation.name = ../etc: a federation's name is",
                "federation/rounds: 10.5 | c.yaml:7: federation.rounds = 10.5: expected a whole number from 1 to 100000",
                "federation/seed: 99999999999999999999 | c.yaml:6: federation.seed = 99999999999999999999: expected a whole number",
                "federation/update: {clip-norm: 0} | federation.update.clip-norm = 0: expected above 0, at most 1e6",
                "federation/sites: [north, South] | federation.sites = South: a site's name is",
                "federation/cohort: {quorum: 3, minimum: 2} | c.yaml:9: federation.cohort: a cohort needs 2 <= quorum <= minimum",
                "federation/cohort: {quorum: 1} | federation.cohort.quorum = 1: expected a whole number from 2 to 400",
                "federation/cohort: {maximum: 401} | federation.cohort.maximum = 401: expected a whole number from 2 to 400",
                "federation/update: {secure-aggregation: {bits: 11}} | secure-aggregation.bits = 11: expected a whole number from 12 to 32",
                "federation/update: {secure-aggregation: {bits: 33}} | secure-aggregation.bits = 33: expected a whole number from 12 to 32",
                "federation/update: {secure-aggregation: {colluding: -1}} | secure-aggregation.colluding = -1: expected a whole number from 0",
                "federation/update: {secure-aggregation: {degree: 4}} | secure-aggregation.degree: unknown key",
                "federation/times: {recovering: 0 s} | federation.times.recovering = 0 s: expected a length of time",
                "federation/evaluation: {classes: two} | federation.evaluation.classes = two: expected the number of classes",
                "federation/evaluation: {classes: 1} | federation.evaluation.classes = 1: evaluation counts hold 2 to 60",
                "federation/update: {noise: site-level} | federation.update.noise: site-level noise needs either 'site-level: {epsilon",
                "federation/update: {noise: site-level, site-level: {multiplier: 1, epsilon: 2}} | federation.update.noise: site-level noise needs either",
                "federation/update: {noise: site-level, site-level: {epsilon: 2}} | site-level.delta: is missing and has no default",
                "federation/update: {noise: site-level, site-level: {multiplier: 1}, example-cap: 2} | example-cap = 2: expected a whole number from 1 to 1",
                "federation/update: {site-level: {multiplier: 1}} | federation.update.site-level: unknown key",
                "federation/update: {noise: central} | federation.update.noise = central: allowed are none, site-level",
                "federation/cohort: 3 | federation.cohort: expected a nested block",
                "federation/server-optimizer: {kind: fedadma} | allowed are fedavg, fedadam (did you mean 'fedadam'?)",
                "federation/server-optimizer: {beta1: 0.9} | federation.server-optimizer.beta1: unknown key",
                "federation/agree-statistics: yes | federation.agree-statistics = yes: allowed are true, false",
                "federation/times: {collecting: 30} | federation.times.collecting = 30: expected a length of time",
                "listen: {port: 70000} | listen.port = 70000: expected a whole number from 0 to 65535",
                "listen: {names: []} | listen.names: at least one name",
                "listen: {host: 'a b'} | listen.host = a b: expected a host name or an IP address",
                "limits: {heartbeat: 1 ms} | limits.heartbeat = 1 ms: expected a length of time from 100 ms to 300 s",
                "certificates: {site-validity: 400 d} | certificates.site-validity = 400 d: expected a length of time",
                "modle: x | modle: unknown key (did you mean 'model'?)",
            })
    void namesTheKeyAndTheRule(String place, String expected) {
        String line = place.replace("federation/", "  ");
        String key = line.substring(0, line.indexOf(':'));
        String text = SMALLEST.lines().anyMatch(known -> known.startsWith(key + ":"))
                ? SMALLEST.replaceAll("(?m)^" + key + ":.*$", line)
                : SMALLEST + line + "\n";

        String message =
                assertThrows(ConfigurationException.class, () -> read(text)).getMessage();

        assertTrue(message.startsWith("c.yaml:") && message.contains(expected), message);
    }
}
