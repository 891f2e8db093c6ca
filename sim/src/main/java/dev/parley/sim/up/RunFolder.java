package dev.parley.sim.up;

import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.RoundTimes;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.UpdateRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The files of one run with real processes: {@code coordinator/} and {@code sites/NAME/}, each with its configuration, its
 * log and its state. What is written here is what an operator and a site administrator would write by hand.
 *
 * @param console whether the coordinator has one, on a free port of loopback
 */
record RunFolder(Path root, boolean console) {
    /** Without a console. */
    RunFolder(Path root) {
        this(root, false);
    }

    Path coordinator() {
        return root.resolve("coordinator");
    }

    Path coordinatorConfiguration() {
        return coordinator().resolve("coordinator.yaml");
    }

    Path coordinatorData() {
        return coordinator().resolve("data");
    }

    Path coordinatorLog() {
        return coordinator().resolve("coordinator.log");
    }

    Path ready() {
        return coordinatorData().resolve("ready.json");
    }

    /** Where the coordinator keeps models, by hash. */
    Path blobs() {
        return coordinatorData().resolve("blobs");
    }

    Path status() {
        return coordinatorData().resolve("status.json");
    }

    Path site(SiteName site) {
        return root.resolve("sites").resolve(site.value());
    }

    Path agentConfiguration(SiteName site) {
        return site(site).resolve("agent.yaml");
    }

    Path agentLog(SiteName site) {
        return site(site).resolve("agent.log");
    }

    Path token(SiteName site) {
        return site(site).resolve("token");
    }

    void writeCoordinator(Preparation preparation) throws IOException {
        Files.createDirectories(coordinator());
        Files.write(coordinator().resolve("initial.safetensors"), preparation.model());
        Files.write(coordinator().resolve("learning.json"), preparation.learning());
        // Plain HTTP: loopback only, and a browser would warn of an authority that it does not know.
        String open = console ? "console: {port: 0, tls: none}\n" : "";
        Files.writeString(coordinatorConfiguration(), coordinatorYaml(preparation) + open);
    }

    /** Has the coordinator listen, when it is started again, where the agents look for it. */
    void keepPort(int port) throws IOException {
        String yaml = Files.readString(coordinatorConfiguration());
        Files.writeString(
                coordinatorConfiguration(),
                yaml.replace("host: 127.0.0.1, port: 0,", "host: 127.0.0.1, port: " + port + ","));
    }

    private static String coordinatorYaml(Preparation preparation) {
        FederationSpec spec = preparation.spec();
        CohortRule cohort = spec.cohort();
        UpdateRule update = spec.update();
        String sites = preparation.manifests().keySet().stream()
                .map(SiteName::value)
                .collect(Collectors.joining(", ", "[", "]"));
        return """
                data: data
                model: initial.safetensors
                learning: learning.json
                listen: {host: 127.0.0.1, port: 0, names: [localhost, 127.0.0.1]}
                federation:
                  name: %s
                  seed: %d
                  rounds: %d
                  agree-statistics: %s
                  attempts: %d
                  sites: %s
                  cohort: {quorum: %d, minimum: %d, starting: %d, maximum: %d}
                  times: %s
                  update:
                    {clip-norm: %s, statistics-bound: %s, example-cap: %d, proximal-mu: %s,
                     secure-aggregation: {bits: %d, colluding: %d, robust: %s}, %s}
                  evaluation: %s
                  server-optimizer: %s
                """.formatted(
                        spec.name(),
                        spec.seed(),
                        spec.trainingRounds(),
                        spec.agreeStatistics(),
                        spec.maxAttempts(),
                        sites,
                        cohort.quorum(),
                        cohort.minimum(),
                        cohort.starting(),
                        cohort.maximum(),
                        times(spec.times()),
                        decimal(update.clipNorm().value()),
                        decimal(update.statisticsBound().value()),
                        update.exampleCap(),
                        decimal(update.proximalMu()),
                        update.masking().modulus().bits(),
                        update.masking().colluding(),
                        robust(update.masking().robust()),
                        noise(update.noise()),
                        evaluation(spec),
                        optimizer(spec.optimizer()));
    }

    private static String times(RoundTimes times) {
        return "{gathering: " + written(times.gathering()) + ", invitation: " + written(times.invitation())
                + ", collecting: " + written(times.collecting()) + ", recovering: "
                + written(times.recovering()) + ", evaluating: " + written(times.evaluating()) + "}";
    }

    private static String written(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    private static String robust(RobustRule rule) {
        return switch (rule) {
            case RobustRule.None none -> "{combination: none}";
            case RobustRule.Groups groups ->
                "{groups: " + groups.count() + ", combination: "
                        + groups.combination().word()
                        + switch (groups.combination()) {
                            case RobustRule.Combination.Median median -> "}";
                            case RobustRule.Combination.TrimmedMean mean -> ", trim: " + mean.trim() + "}";
                            case RobustRule.Combination.Krum krum -> ", malformed: " + krum.malformed() + "}";
                        };
        };
    }

    private static String noise(UpdateNoise noise) {
        return switch (noise) {
            case UpdateNoise.None none -> "noise: none";
            case UpdateNoise.DistributedGaussian gaussian ->
                "noise: site-level, site-level: {multiplier: "
                        + decimal(gaussian.multiplier().value()) + "}";
        };
    }

    private static String evaluation(FederationSpec spec) {
        String classes = "{classes: " + spec.evaluation().classes();
        return spec.update().noise() instanceof UpdateNoise.None
                ? classes + ", every: " + spec.evaluation().every() + "}"
                : classes + "}";
    }

    private static String optimizer(ServerOptimizer optimizer) {
        return switch (optimizer) {
            case ServerOptimizer.FedAvg avg ->
                "{kind: fedavg, learning-rate: " + decimal(avg.learningRate()) + ", momentum: "
                        + decimal(avg.momentum()) + "}";
            case ServerOptimizer.FedAdam adam ->
                "{kind: fedadam, learning-rate: " + decimal(adam.learningRate()) + ", beta1: " + decimal(adam.beta1())
                        + ", beta2: " + decimal(adam.beta2()) + ", epsilon: " + decimal(adam.epsilon()) + "}";
        };
    }

    /** The shortest decimal that reads back as the same number. */
    private static String decimal(double value) {
        return Double.toString(value);
    }

    /** @param port where the coordinator listens */
    void writeAgents(Preparation preparation, int port) throws IOException {
        for (Map.Entry<SiteName, Path> entry : preparation.manifests().entrySet()) {
            SiteName site = entry.getKey();
            Files.createDirectories(site(site));
            int cohort = preparation.spec().cohort().quorum();
            Files.writeString(agentConfiguration(site), """
                    # Written by 'parley up': a federation on one computer, for trying things out.
                    site: %s
                    coordinator: 127.0.0.1:%d
                    federation: %s
                    purpose: %s
                    records: %s
                    state: state
                    rules:
                      minimum-cohort: %d
                      maximum-rounds: %d
                      minimum-survivors: %d
                      colluding: %d
                      allow-groups: %s
                      %s
                    """.formatted(
                            site,
                            port,
                            preparation.spec().name(),
                            preparation.purpose(),
                            quoted(site(site)
                                    .toAbsolutePath()
                                    .relativize(entry.getValue().toAbsolutePath())),
                            cohort,
                            preparation.spec().totalRounds(),
                            preparation
                                    .spec()
                                    .update()
                                    .masking()
                                    .fewestUpdates(preparation.spec().cohort()),
                            preparation.spec().update().masking().colluding(),
                            preparation.spec().update().masking().robust() instanceof RobustRule.Groups,
                            protection(preparation.spec().update().noise())));
        }
    }

    private static String protection(UpdateNoise noise) {
        return switch (noise) {
            case UpdateNoise.None none -> "allow-unnoised: true   # no differential privacy is promised";
            case UpdateNoise.DistributedGaussian gaussian ->
                "minimum-noise: " + decimal(gaussian.multiplier().value()) + "   # and nothing without it";
        };
    }

    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }
}
