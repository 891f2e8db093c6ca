package dev.parley.agent.configuration;

import dev.parley.agent.egress.SiteRules;
import dev.parley.agent.participation.CoordinatorAddress;
import dev.parley.learning.yaml.YamlException;
import dev.parley.learning.yaml.YamlMapping;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.SiteFloors.Allowance;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Everything that {@code agent.yaml} says. Relative paths start at the file's folder.
 *
 * @param site the name under which the site is enrolled
 * @param coordinator where the agent dials
 * @param federation what it takes part in
 * @param purpose the use of records that the federation is for; only records that agree to it are used
 * @param records the data manifest, {@code dataset.yaml}
 * @param state folder for keys, certificate, pledges and fetched models; created with mode 0700
 * @param rules what the site's owner allows
 * @param maxModelBytes largest model that is fetched
 */
public record AgentConfiguration(
        String site,
        CoordinatorAddress coordinator,
        String federation,
        String purpose,
        Path records,
        Path state,
        SiteRules rules,
        long maxModelBytes) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern PURPOSE = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");
    private static final long STANDARD_MODEL_BYTES = 256L << 20;
    private static final long MOST_MODEL_BYTES = 2_000_000_000L;

    /** @throws ConfigurationException with one line that names the file, the line, the key and the rule */
    public static AgentConfiguration read(Path file) throws ConfigurationException {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(file + ": no such file; give the agent's configuration with --config");
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(file + ": not a text file in UTF-8");
        } catch (IOException e) {
            throw new ConfigurationException(
                    file + ": cannot be read: " + e.getClass().getSimpleName());
        }
        Path folder = file.toAbsolutePath().getParent();
        return parse(file.toString(), text, folder == null ? Path.of("/") : folder);
    }

    /** @param base where relative paths start */
    static AgentConfiguration parse(String file, String text, Path base) throws ConfigurationException {
        try {
            return of(YamlMapping.parse(file, text), base);
        } catch (YamlException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()));
        }
    }

    private static AgentConfiguration of(YamlMapping root, Path base) throws YamlException {
        String federation = root.required("federation", AgentConfiguration::name);
        String purpose = root.required("purpose", AgentConfiguration::purpose);
        YamlMapping limits = root.block("limits");
        AgentConfiguration configuration = new AgentConfiguration(
                root.required("site", AgentConfiguration::name),
                root.required("coordinator", CoordinatorAddress::parse),
                federation,
                purpose,
                root.path("records", null, base),
                root.path("state", base.resolve("state"), base),
                rules(root.block("rules"), federation, purpose),
                limits.whole("model-bytes", STANDARD_MODEL_BYTES, 1, MOST_MODEL_BYTES));
        limits.refuseUnknownKeys();
        root.refuseUnknownKeys();
        return configuration;
    }

    private static SiteRules rules(YamlMapping block, String federation, String purpose) throws YamlException {
        SiteRules rules = new SiteRules(
                block.flag("paused", false),
                block.set("federations", Set.of(federation), AgentConfiguration::name),
                block.set("purposes", Set.of(purpose), AgentConfiguration::purpose),
                floors(block),
                (int) block.whole("maximum-rounds", SiteRules.CAREFUL_ROUNDS, 0, 1_000_000),
                block.flag("allow-unnoised", false),
                new NoiseMultiplier(block.number("minimum-noise", SiteRules.CAREFUL_NOISE.value(), 1e-6, 1e6)),
                budget(block),
                block.set("learning-documents", Set.of(), ContentHash::new));
        block.refuseUnknownKeys();
        return rules;
    }

    /** Adding or removing one unit is what private training, and sums under noise, are accounted for. */
    private static Optional<Budget> budget(YamlMapping rules) throws YamlException {
        if (!rules.has("budget")) {
            return Optional.empty();
        }
        YamlMapping block = rules.block("budget");
        Budget budget = new Budget(
                block.required("unit", AgentConfiguration::unit),
                NeighbouringRelation.ADD_OR_REMOVE_ONE,
                new Epsilon(block.number("epsilon", 0, 100)),
                new Delta(block.number("delta", 1e-30, 0.1)));
        block.refuseUnknownKeys();
        return Optional.of(budget);
    }

    private static PrivacyUnit unit(String value) {
        return switch (value) {
            case "record" -> PrivacyUnit.RECORD;
            case "subject" -> PrivacyUnit.SUBJECT;
            case "site" -> PrivacyUnit.SITE;
            default -> throw new IllegalArgumentException("expected record, subject or site");
        };
    }

    private static SiteFloors floors(YamlMapping block) throws YamlException {
        int cohort = (int) block.whole("minimum-cohort", SiteRules.CAREFUL_COHORT, 2, 100_000);
        int colluding = (int) block.whole("colluding", SiteRules.CAREFUL_COLLUDING, 0, 1000);
        YamlMapping trusted = block.block("trusted-sites");
        Map<String, String> identities = new TreeMap<>();
        for (String site : trusted.keys()) {
            identities.put(name(site), trusted.required(site, value -> new ContentHash(value).hex()));
        }
        return new SiteFloors(
                cohort,
                (int) block.whole("minimum-survivors", Math.max(cohort, colluding + 2L), colluding + 2L, 100_000),
                colluding,
                identities,
                allowed(block));
    }

    private static Set<Allowance> allowed(YamlMapping block) throws YamlException {
        Set<Allowance> allowed = EnumSet.noneOf(Allowance.class);
        if (block.flag("allow-sparse", false)) {
            allowed.add(Allowance.SPARSE);
        }
        if (block.flag("allow-groups", false)) {
            allowed.add(Allowance.GROUPS);
        }
        return allowed;
    }

    private static String name(String value) {
        if (!NAME.matcher(value).matches()) {
            throw new IllegalArgumentException("expected 1 to 63 lower-case letters, digits and inner hyphens");
        }
        return value;
    }

    private static String purpose(String value) {
        if (!PURPOSE.matcher(value).matches()) {
            throw new IllegalArgumentException("expected a word such as research or quality-control");
        }
        return value;
    }

    /** Where the identity lies. */
    public Path identityFolder() {
        return state.resolve("identity");
    }

    /** Where the signing key for secure aggregation lies. */
    public Path sumIdentityFile() {
        return identityFolder().resolve("sum-identity.key");
    }

    /** Where lies what the site must not forget about sums that it has helped to open. */
    public Path pledgeFile() {
        return state.resolve("pledges.json");
    }

    /** Where lies what the site has seen of the coordinator's audit log. */
    public Path witnessFile() {
        return state.resolve("audit-log.json");
    }

    /** Where is written what the site's records have told already. */
    public Path budgetFile() {
        return state.resolve("budget.ledger");
    }

    /** Where fetched models and learning documents lie. */
    public Path blobFolder() {
        return state.resolve("blobs");
    }
}
