package dev.parley.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.Externalizable;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.RandomAccessFile;
import java.io.Serializable;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * The rules of design.md about who may know whom, and what may not enter the house at all. Written for a root package,
 * so that they can be run on the product and on a small house that breaks every one of them.
 */
final class HouseRules {
    /** Each room, and the other rooms that it may import. */
    private static final Map<String, Set<String>> IMPORTS = Map.of(
            "contract", Set.of(),
            "privacy", Set.of(),
            "policies", Set.of(),
            "rounds", Set.of("privacy"),
            "server", Set.of("rounds", "contract", "privacy", "policies"),
            "learning", Set.of("privacy"),
            "agent", Set.of("learning", "contract", "privacy", "policies"),
            "sim", Set.of("contract", "privacy", "policies", "rounds", "server", "learning", "agent"));

    /** Classes that may draw from the thread's own generator, and why. */
    private static final Map<String, String> UNSEEDED = Map.of(
            "server.gateway.Incidents", "the number under which an operator finds a failure in the log",
            "server.CoordinatorMain", "the number under which an operator finds a failure in the log");

    /** Classes outside secure aggregation that may read the bytes of a secret, and why. */
    private static final Map<String, String> OPENS_SECRETS = Map.of(
            "agent.identity.SumIdentityFile", "writes the site's signing key to the site's own disk, and reads it",
            "agent.participation.SiteParticipant", "makes the seed of the rounding, which hides nothing",
            "server.audit.LogKeyFile", "writes the audit log's signing key to the coordinator's own disk, and reads it",
            "privacy.update.Keystream", "expands the seed of the rounding");

    /** The one class that takes an update to its mask and from there to the wire. */
    private static final String MASKS_FOR_THE_WIRE = "agent.participation.SiteTasks";

    private static final List<String> VAGUE_NAMES = List.of("Utils", "Util", "Helper", "Manager", "Impl", "Common");

    private final String root;

    HouseRules(String root) {
        this.root = root;
    }

    /** All rules, by the name under which a failure is reported. */
    Map<String, ArchRule> all() {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        rules.put("every class has a room", everyClassHasARoom());
        new TreeSet<>(IMPORTS.keySet()).forEach(room -> rules.put("imports of " + room, imports(room)));
        rules.put("no package cycles", noPackageCycles());
        rules.put("contract types stop at the edge", contractTypesStopAtTheEdge());
        rules.put("only masked updates meet the wire", onlyMaskedUpdatesMeetTheWire());
        rules.put("encodings stay at sites", encodingsStayAtSites());
        rules.put("secrets are opened in few places", secretsAreOpenedInFewPlaces());
        rules.put("no tensors outside learning", noTensorsOutsideLearning());
        rules.put("no tensors among records", noTensorsAmongRecords());
        rules.put("rounds are pure", roundsArePure());
        rules.put("no Java serialisation", noJavaSerialisation());
        rules.put("no unseeded randomness", noUnseededRandomness());
        rules.put("noise that can be foretold protects nothing", insecureNoiseStaysInSimulation());
        rules.put("no standard streams", noStandardStreams());
        rules.put("update steps are immutable", updateStepsAreImmutable());
        rules.put("every package is null-marked", everyPackageIsNullMarked());
        rules.put("names say the role", namesSayTheRole());
        return rules;
    }

    private String room(String name) {
        return root + "." + name + "..";
    }

    private String[] rooms(Stream<String> names) {
        return names.map(this::room).toArray(String[]::new);
    }

    private ArchRule everyClassHasARoom() {
        return classes()
                .should()
                .resideInAnyPackage(rooms(IMPORTS.keySet().stream()))
                .because("the import table names every room; a new one needs its line there and in design.md");
    }

    private ArchRule imports(String from) {
        Set<String> allowed = IMPORTS.getOrDefault(from, Set.of());
        DescribedPredicate<JavaClass> ours = resideInAPackage(root + "..");
        DescribedPredicate<JavaClass> open =
                resideInAnyPackage(rooms(Stream.concat(Stream.of(from), allowed.stream())));
        return noClasses()
                .that()
                .resideInAPackage(room(from))
                .should()
                .dependOnClassesThat(ours.and(not(open)).as("are of any room but " + allowed))
                .because("imports run one way (design.md, The house): "
                        + (allowed.isEmpty()
                                ? from + " imports nothing of ours"
                                : from + " imports " + new TreeSet<>(allowed)));
    }

    private ArchRule noPackageCycles() {
        return slices().matching(root + ".(**)")
                .should()
                .beFreeOfCycles()
                .because("packages that need each other are one package; a reader must be able to start somewhere");
    }

    private ArchRule contractTypesStopAtTheEdge() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(
                        room("contract"),
                        room("server.gateway"),
                        room("server.journal"),
                        room("agent.participation"),
                        room("sim"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(room("contract"), "com.google.protobuf..")
                .because("generated types stop at the edge packages gateway, participation and journal (design.md): the"
                        + " wire's and the journal's form may change without the house noticing");
    }

    private ArchRule onlyMaskedUpdatesMeetTheWire() {
        String step = root.replace(".", "\\.") + "\\.privacy\\.update\\.";
        return CompositeArchRule.of(noClasses()
                        .that(dependOn(room("contract")))
                        .and()
                        .resideOutsideOfPackages(room("contract"), room("sim"))
                        .should()
                        .dependOnClassesThat()
                        .haveNameMatching(step + "(Raw|Clipped|Noised)Update"))
                .and(noClasses()
                        .that(dependOn(room("contract")))
                        .and()
                        .resideOutsideOfPackages(room("contract"), room("sim"))
                        .and()
                        .doNotHaveFullyQualifiedName(root + "." + MASKS_FOR_THE_WIRE)
                        .should()
                        .dependOnClassesThat()
                        .haveNameMatching(step + "EncodedUpdate"))
                .because("the wire takes only what is clipped, noised and masked (design.md, first idea): who speaks"
                        + " the contract never holds an earlier step, but for " + MASKS_FOR_THE_WIRE
                        + ", which has the mask put on");
    }

    private ArchRule encodingsStayAtSites() {
        return noClasses()
                .that()
                .resideInAnyPackage(room("rounds"), room("server"))
                .should()
                .dependOnClassesThat()
                .haveNameMatching(root.replace(".", "\\.")
                        + "\\.privacy\\.(update\\.(Raw|Clipped|Noised|Encoded)Update|secagg\\.mask\\.EncodedRing)")
                .because(
                        "a coordinator has no use for an update before its mask: not even the word for one may be there");
    }

    private ArchRule secretsAreOpenedInFewPlaces() {
        Set<String> excused = new TreeSet<>();
        OPENS_SECRETS.keySet().forEach(name -> excused.add(root + "." + name));
        DescribedPredicate<JavaClass> exception = DescribedPredicate.describe(
                "are excused",
                javaClass -> excused.contains(outermost(javaClass).getName()));
        return noClasses()
                .that()
                .resideOutsideOfPackage(room("privacy.secagg"))
                .and(not(exception))
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "it is SecretAccess.token()",
                        call -> call.getName().equals("token")
                                && call.getTargetOwner().getName().equals(root + ".privacy.secagg.key.SecretAccess")))
                .because("a key or a share that is read is read by the protocol; every other place has a reason here: "
                        + OPENS_SECRETS);
    }

    private static DescribedPredicate<JavaClass> dependOn(String packages) {
        return DescribedPredicate.describe(
                "depend on " + packages,
                javaClass -> javaClass.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency -> resideInAPackage(packages).test(dependency.getTargetClass())));
    }

    private ArchRule noTensorsOutsideLearning() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(room("learning"), room("sim"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .because("the engine stays in client/learning and sim (design.md): a coordinator never runs a model,"
                        + " and an agent calls a learner");
    }

    private ArchRule noTensorsAmongRecords() {
        return noClasses()
                .that()
                .resideInAPackage(room("learning"))
                .and()
                .resideOutsideOfPackages(room("learning.multimodal"), room("learning.training"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .because("tensors live and die in multimodal and training; records and scores are plain values");
    }

    private ArchRule roundsArePure() {
        return noClasses()
                .that()
                .resideInAPackage(room("rounds"))
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Clock.class,
                        Thread.class,
                        File.class,
                        FileInputStream.class,
                        FileOutputStream.class,
                        RandomAccessFile.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.net..", "java.util.concurrent..", "org.slf4j..")
                .because("a round is a function of state and event (design.md, second idea): a replay of yesterday's"
                        + " journal must give the same bits");
    }

    private ArchRule noJavaSerialisation() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(room("contract"))
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ObjectInput.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ObjectOutput.class)
                .orShould(declareThemselves(Serializable.class, Externalizable.class))
                .because("bytes of another party become objects of the classes that they name; every format of this"
                        + " house is read by a reader of its own");
    }

    private static ArchCondition<JavaClass> declareThemselves(Class<?>... interfaces) {
        Set<String> names =
                new TreeSet<>(Arrays.stream(interfaces).map(Class::getName).toList());
        return new ArchCondition<>("declare themselves one of " + names) {
            @Override
            public void check(JavaClass javaClass, ConditionEvents events) {
                javaClass.getRawInterfaces().stream()
                        .filter(each -> names.contains(each.getName()))
                        .forEach(each -> events.add(SimpleConditionEvent.satisfied(
                                javaClass, javaClass.getName() + " implements " + each.getName())));
            }
        };
    }

    private ArchRule noUnseededRandomness() {
        Set<String> excused = new TreeSet<>();
        UNSEEDED.keySet().forEach(name -> excused.add(root + "." + name));
        DescribedPredicate<JavaClass> exception = DescribedPredicate.describe(
                "are excused",
                javaClass -> excused.contains(outermost(javaClass).getName()));
        return noClasses()
                .that(not(exception))
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Random.class, ThreadLocalRandom.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(Collections.class, "shuffle", List.class)
                .orShould()
                .callConstructor(SplittableRandom.class)
                .because("randomness is a seeded generator handed in, or SecureRandom; otherwise no run can be repeated"
                        + " and no key is safe. Excused: " + UNSEEDED);
    }

    private ArchRule insecureNoiseStaysInSimulation() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(room("privacy.dp.noise"), room("sim"))
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(root + ".privacy.dp.noise.InsecureNoiseSource")
                .because("who knows the seed subtracts the noise: it is for tests and for runs over invented records");
    }

    private ArchRule noStandardStreams() {
        DescribedPredicate<JavaClass> commandLine =
                DescribedPredicate.describe("are command-line classes", javaClass -> {
                    String name = outermost(javaClass).getSimpleName();
                    return name.endsWith("Main") || name.endsWith("Command");
                });
        return noClasses()
                .that(not(commandLine))
                .should(ACCESS_STANDARD_STREAMS)
                .because("what a program says goes through its log or its command line, whose fields and sentences are"
                        + " allowed one by one; a print in between would leak");
    }

    private static JavaClass outermost(JavaClass javaClass) {
        return javaClass.getEnclosingClass().map(HouseRules::outermost).orElse(javaClass);
    }

    private ArchRule updateStepsAreImmutable() {
        return fields().that()
                .areDeclaredInClassesThat()
                .resideInAPackage(room("privacy.update"))
                .should()
                .beFinal()
                .because("the type says what has been done to a value (design.md, first idea); a value that changes"
                        + " afterwards would make it lie");
    }

    private ArchRule everyPackageIsNullMarked() {
        ArchCondition<JavaClass> marked = new ArchCondition<>("be in a package that is @NullMarked") {
            @Override
            public void check(JavaClass javaClass, ConditionEvents events) {
                boolean is = javaClass.getPackage().isAnnotatedWith(NullMarked.class);
                events.add(new SimpleConditionEvent(
                        javaClass, is, javaClass.getName() + " is in a package without @NullMarked"));
            }
        };
        return classes()
                .that()
                .resideOutsideOfPackages(room("contract"), room("server.journal.v1")) // generated
                .should(marked)
                .because("every package says in its package-info.java what it is for and what may not enter, and has"
                        + " its nullness proved");
    }

    private ArchRule namesSayTheRole() {
        return CompositeArchRule.of(VAGUE_NAMES.stream()
                .<ArchRule>map(name -> noClasses()
                        .that()
                        .resideOutsideOfPackage(room("contract"))
                        .should()
                        .haveSimpleNameEndingWith(name)
                        .because("a name says the role or the difference (style.md, 10), which " + name + " does not"))
                .toList());
    }
}
