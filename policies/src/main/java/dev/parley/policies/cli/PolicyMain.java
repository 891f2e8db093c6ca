package dev.parley.policies.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.policies.PolicySet;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.RefusedException.Problem;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.document.YamlReader;
import dev.parley.policies.request.GovernedRequest;
import dev.parley.policies.request.RequestKind;
import dev.parley.policies.request.RequestReader;
import dev.parley.policies.request.RequestSchema;
import dev.parley.policies.request.ValueType;
import dev.parley.policies.rule.Decision;
import dev.parley.policies.rule.PolicyEngine;
import dev.parley.policies.rule.Verdict;
import dev.parley.policies.trial.Replay;
import dev.parley.policies.trial.Survivor;
import dev.parley.policies.trial.TrialResult;
import dev.parley.policies.trial.Trials;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of policies. */
@Command(
        name = "parley policy",
        description = "Policies that decide what may start, join, run, be promoted, deployed, exported or asked."
                + " docs/POLICIES.md says how to write, test and bind one.",
        subcommands = {
            PolicyMain.Check.class,
            PolicyMain.Test.class,
            PolicyMain.Explain.class,
            PolicyMain.ReplayRequests.class,
            PolicyMain.Schema.class
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:done; explain: the request is allowed",
            "1:test: a case failed, or --mutate found a rule that no case covers; replay: a verdict differs",
            "2:wrong command line, or a file is refused",
            "4:explain: the request is denied",
            "5:explain: a human has to decide"
        })
public final class PolicyMain {
    /** More are counted. */
    private static final int MAX_SHOWN_DIFFERENCES = 50;

    private PolicyMain() {}

    /** Runs one command; the answer is the exit code of the process. */
    public static int execute(String... arguments) {
        CommandLine line = new CommandLine(new PolicyMain());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            boolean json = parsed.hasMatchedOption("--json");
            return switch (failure) {
                case RefusedException refused -> refused(refused, json);
                case IllegalArgumentException wrong -> refused(String.valueOf(wrong.getMessage()), json);
                case UncheckedIOException unreadable -> refused(String.valueOf(unreadable.getMessage()), json);
                case IOException unreadable -> refused("cannot read " + unreadable.getMessage(), json);
                default -> throw failure;
            };
        });
        line.setParameterExceptionHandler((failure, parsed) -> {
            System.err.println("parley policy: " + failure.getMessage() + "; see ./"
                    + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return ExitCode.INPUT.code();
        });
        return line.execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
    }

    private static int refused(RefusedException refused, boolean json) {
        if (json) {
            ObjectNode node = Told.JSON.createObjectNode().put("refused", true);
            node.set("problems", Told.json(refused.problems()));
            System.out.println(node);
        } else {
            refused.problems().stream().map(Problem::show).forEach(System.err::println);
            System.err.println("parley policy: refused, " + refused.problems().size()
                    + (refused.problems().size() == 1 ? " problem" : " problems"));
        }
        return ExitCode.INPUT.code();
    }

    private static int refused(String message, boolean json) {
        if (json) {
            ObjectNode node = Told.JSON.createObjectNode().put("refused", true);
            node.putArray("problems").addObject().put("message", message);
            System.out.println(node);
        } else {
            System.err.println("parley policy: " + message);
        }
        return ExitCode.INPUT.code();
    }

    /** What most commands take. */
    static final class Places {
        @Parameters(
                arity = "1..*",
                paramLabel = "DIR",
                description = "Folders (or files) with policies and bindings, put together into one set.")
        private List<Path> places = List.of();

        @Option(names = "--json", description = "Print one JSON object and nothing else.")
        private boolean json;

        PolicySet set() {
            return PolicyFolders.load(places);
        }
    }

    @Command(
            name = "check",
            description = "Reads and type-checks policies and bindings.",
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {
        @Mixin
        private Places places = new Places();

        @Override
        public Integer call() throws RefusedException {
            PolicyEngine engine = PolicyEngine.load(places.set());
            PrintStream out = System.out;
            if (places.json) {
                ObjectNode node = Told.JSON.createObjectNode().put("policyHash", engine.hash());
                engine.policyNames().forEach(node.putArray("policies")::add);
                engine.bindingNames().forEach(node.putArray("bindings")::add);
                engine.unboundPolicies().forEach(node.putArray("unbound")::add);
                out.println(node);
                return ExitCode.DONE.code();
            }
            out.println("ok: " + engine.policyNames().size() + " policies and "
                    + engine.bindingNames().size() + " bindings, set " + engine.hash());
            if (!engine.unboundPolicies().isEmpty()) {
                out.println("bound by nothing, so they decide nothing: " + String.join(", ", engine.unboundPolicies()));
            }
            return ExitCode.DONE.code();
        }
    }

    @Command(
            name = "test",
            description = "Runs the tests beside the policies (files that end in .test.yaml).",
            mixinStandardHelpOptions = true)
    static final class Test implements Callable<Integer> {
        @Mixin
        private Places places = new Places();

        @Option(names = "--mutate", description = "Also invert each rule, and leave each out: some case must notice.")
        private boolean mutate;

        @Override
        public Integer call() throws RefusedException {
            Trials trials = Trials.load(places.set());
            List<TrialResult> results = trials.run();
            List<TrialResult> failed =
                    results.stream().filter(result -> !result.passed()).toList();
            List<Survivor> survivors = mutate ? trials.mutate() : List.of();
            if (places.json) {
                printJson(results, survivors);
            } else {
                for (TrialResult result : failed) {
                    System.out.println("FAILED  " + result.place() + ": " + result.name() + ": "
                            + result.failure().orElse(""));
                }
                for (Survivor survivor : survivors) {
                    System.out.println("UNTESTED  policy " + survivor.policy() + ", rule " + survivor.rule() + ": "
                            + survivor.mutation() + ", and no case notices");
                }
                System.out.println((results.size() - failed.size()) + " of " + results.size() + " cases passed"
                        + (mutate ? ", " + survivors.size() + " changes to rules went unnoticed" : ""));
            }
            return (failed.isEmpty() && survivors.isEmpty() ? ExitCode.DONE : ExitCode.DIFFERENT).code();
        }

        private static void printJson(List<TrialResult> results, List<Survivor> survivors) {
            ObjectNode node = Told.JSON.createObjectNode();
            ArrayNode cases = node.putArray("cases");
            for (TrialResult result : results) {
                ObjectNode each = cases.addObject()
                        .put("policy", result.policy())
                        .put("name", result.name())
                        .put("file", result.place().file())
                        .put("line", result.place().line())
                        .put("passed", result.passed());
                result.failure().ifPresent(failure -> each.put("failure", failure));
            }
            ArrayNode untested = node.putArray("survivors");
            survivors.forEach(survivor -> untested.addObject()
                    .put("policy", survivor.policy())
                    .put("rule", survivor.rule())
                    .put("mutation", survivor.mutation()));
            System.out.println(node);
        }
    }

    @Command(
            name = "explain",
            description = "Decides about one request and says in words which rule applies, with the values, and what"
                    + " would have to change.",
            mixinStandardHelpOptions = true)
    static final class Explain implements Callable<Integer> {
        @Mixin
        private Places places = new Places();

        @Option(names = "--request", required = true, paramLabel = "FILE", description = "YAML or JSON.")
        private Path request = Path.of("");

        @Override
        public Integer call() throws RefusedException, IOException {
            PolicyEngine engine = PolicyEngine.load(places.set());
            List<Yaml> documents = YamlReader.read(request.toString(), Files.readAllBytes(request));
            if (documents.size() != 1) {
                throw new IllegalArgumentException(request + " holds " + documents.size() + " requests; give one");
            }
            GovernedRequest read = RequestReader.read(documents.getFirst());
            Decision decision = engine.decide(read);
            if (places.json) {
                ObjectNode node = Told.json(decision);
                ArrayNode changes = node.putArray("changes");
                engine.changes(read).forEach(change -> {
                    ObjectNode each =
                            changes.addObject().put("binding", change.binding()).put("rule", change.rule());
                    change.sentences().forEach(each.putArray("sentences")::add);
                });
                System.out.println(node);
            } else {
                System.out.println(Told.words(decision, engine.changes(read)));
            }
            return switch (decision.verdict()) {
                case Verdict.Allow allow -> ExitCode.DONE.code();
                case Verdict.Deny deny -> ExitCode.DENIED.code();
                case Verdict.Inconclusive inconclusive -> ExitCode.INCONCLUSIVE.code();
            };
        }
    }

    @Command(
            name = "replay",
            description =
                    "What this set would have decided about past requests, and where that differs from the record.",
            mixinStandardHelpOptions = true)
    static final class ReplayRequests implements Callable<Integer> {
        @Mixin
        private Places places = new Places();

        @Option(
                names = "--requests",
                required = true,
                paramLabel = "FILE",
                description = "One request a line as JSON, or {\"request\": {...}, \"verdict\": \"Deny\"}.")
        private Path requests = Path.of("");

        @Override
        public Integer call() throws RefusedException, IOException {
            PolicyEngine engine = PolicyEngine.load(places.set());
            Map<String, Integer> verdicts = new TreeMap<>();
            List<Replay> differences = new ArrayList<>();
            int different = 0;
            try (BufferedReader lines = Files.newBufferedReader(requests)) {
                int number = 0;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    number++;
                    if (!line.isBlank()) {
                        Replay replay = Replay.of(engine, requests.toString(), number, line);
                        verdicts.merge(replay.decision().verdict().word(), 1, Integer::sum);
                        if (replay.differs()) {
                            different++;
                            if (differences.size() < MAX_SHOWN_DIFFERENCES) {
                                differences.add(replay);
                            }
                        }
                    }
                }
            }
            print(engine, verdicts, differences, different);
            return (different == 0 ? ExitCode.DONE : ExitCode.DIFFERENT).code();
        }

        private void print(
                PolicyEngine engine, Map<String, Integer> verdicts, List<Replay> differences, int different) {
            if (places.json) {
                ObjectNode node = Told.JSON.createObjectNode().put("policyHash", engine.hash());
                ObjectNode counts = node.putObject("verdicts");
                verdicts.forEach(counts::put);
                node.put("different", different);
                ArrayNode shown = node.putArray("differences");
                for (Replay replay : differences) {
                    ObjectNode each = shown.addObject();
                    each.put("line", replay.line())
                            .put("recorded", replay.recorded().orElse(""));
                    each.set("decision", Told.json(replay.decision()));
                }
                System.out.println(node);
                return;
            }
            System.out.println("decided by set " + engine.hash() + ": " + verdicts);
            for (Replay replay : differences) {
                System.out.println("line " + replay.line() + ", "
                        + replay.request().kind() + " of " + replay.request().federation() + " at "
                        + replay.request().now() + ": was " + replay.recorded().orElse("") + ", would be "
                        + replay.decision().verdict().word());
                replay.decision().verdict().reasons().forEach(reason -> System.out.println("    " + reason.line()));
            }
            System.out.println(different + " of the recorded verdicts would be different"
                    + (different > differences.size() ? ", the first " + differences.size() + " are shown" : ""));
        }
    }

    @Command(
            name = "schema",
            description = "What a policy can ask about a kind of request.",
            mixinStandardHelpOptions = true)
    static final class Schema implements Callable<Integer> {
        @Parameters(arity = "0..1", paramLabel = "KIND", description = "such as promote; all of them without it")
        private @Nullable String kind;

        @Override
        public Integer call() {
            if (kind == null) {
                for (RequestKind each : RequestKind.values()) {
                    System.out.printf(
                            "%-16s %s%n", each.word(), RequestSchema.of(each).about());
                }
                System.out.println("./parley policy schema KIND shows the fields");
                return ExitCode.DONE.code();
            }
            RequestKind known = RequestKind.byWord().get(kind);
            if (known == null) {
                throw new IllegalArgumentException("there is no request '" + kind + "'; there are "
                        + String.join(", ", RequestKind.byWord().keySet()));
            }
            System.out.println(RequestSchema.of(known).about());
            print(RequestSchema.of(known), "request");
            return ExitCode.DONE.code();
        }

        private static void print(ValueType.Struct struct, String path) {
            struct.fields().forEach((name, field) -> {
                String full = path + "." + name;
                System.out.printf(
                        "  %-38s %-14s%s %s%n",
                        full, shortWord(field.type()), field.optional() ? " may be absent;" : "", field.about());
                switch (field.type()) {
                    case ValueType.Struct nested -> print(nested, full);
                    case ValueType.ListOf list -> {
                        if (list.element() instanceof ValueType.Struct nested) {
                            print(nested, full + "[]");
                        }
                    }
                    default -> {}
                }
            });
        }

        private static String shortWord(ValueType type) {
            if (type instanceof ValueType.ListOf list && list.element() instanceof ValueType.Struct) {
                return "list";
            }
            return type instanceof ValueType.Struct ? "" : type.word();
        }
    }
}
