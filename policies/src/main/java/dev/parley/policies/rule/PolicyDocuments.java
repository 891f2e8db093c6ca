package dev.parley.policies.rule;

import dev.parley.policies.PolicySet;
import dev.parley.policies.document.Fields;
import dev.parley.policies.document.Place;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.RefusedException.Problem;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.document.YamlReader;
import dev.parley.policies.request.RequestKind;
import dev.parley.policies.request.ValueReader;
import dev.parley.policies.request.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The documents of a set, read but not yet type-checked. Every problem of every document is found before any is
 * reported.
 */
record PolicyDocuments(List<Policy> policies, List<PolicyBinding> bindings) {
    static final String API_VERSION = "policies.parley.dev/v1";
    /** Files with tests beside the policies; they decide nothing. */
    static final String TEST_SUFFIX = ".test.yaml";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern IDENTIFIER = Pattern.compile("[a-z][A-Za-z0-9]{0,62}");
    private static final int MAX_EXPRESSIONS = 50;
    private static final int MAX_TEXT = 4_000;

    private static final Map<String, ValueType> PARAMETER_TYPES = parameterTypes();

    PolicyDocuments {
        policies = List.copyOf(policies);
        bindings = List.copyOf(bindings);
    }

    static PolicyDocuments read(PolicySet set) throws RefusedException {
        List<Policy> policies = new ArrayList<>();
        List<PolicyBinding> bindings = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (String name : set.names()) {
            if (!name.endsWith(TEST_SUFFIX)) {
                try {
                    for (Yaml document : YamlReader.read(name, set.content(name))) {
                        readOne(document, policies, bindings, problems);
                    }
                } catch (RefusedException e) {
                    problems.addAll(e.problems());
                }
            }
        }
        refuseTwins(policies, bindings, problems);
        if (!problems.isEmpty()) {
            throw new RefusedException(problems);
        }
        return new PolicyDocuments(policies, bindings);
    }

    private static void readOne(
            Yaml document, List<Policy> policies, List<PolicyBinding> bindings, List<Problem> problems) {
        try {
            Fields fields = Fields.of(document, "a document");
            requireVersion(fields);
            switch (kind(fields)) {
                case "Policy" -> policies.add(policy(fields));
                default -> bindings.add(binding(fields));
            }
        } catch (RefusedException e) {
            problems.addAll(e.problems());
        }
    }

    /** @throws RefusedException unless the document says the version that this program reads */
    static void requireVersion(Fields fields) throws RefusedException {
        Fields.choice(fields.requireScalar("apiVersion"), Map.of(API_VERSION, API_VERSION));
    }

    private static String kind(Fields fields) throws RefusedException {
        Yaml.Scalar kind = fields.requireScalar("kind");
        if (kind.value().equals("PolicyTest")) {
            throw new RefusedException(kind.place(), "tests lie in files of their own, which end in " + TEST_SUFFIX);
        }
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("Policy", "Policy");
        kinds.put("PolicyBinding", "PolicyBinding");
        return Fields.choice(kind, kinds);
    }

    private static void refuseTwins(List<Policy> policies, List<PolicyBinding> bindings, List<Problem> problems) {
        Map<String, Place> names = new LinkedHashMap<>();
        policies.forEach(policy -> twin(names, "policy " + policy.name(), policy.place(), problems));
        bindings.forEach(binding -> twin(names, "binding " + binding.name(), binding.place(), problems));
    }

    private static void twin(Map<String, Place> names, String name, Place place, List<Problem> problems) {
        Place first = names.putIfAbsent(name, place);
        if (first != null) {
            problems.add(new Problem(place, "there is a " + name + " already, at " + first + "; names are unique"));
        }
    }

    private static Policy policy(Fields document) throws RefusedException {
        Fields metadata = Fields.of(document.require("metadata"), "metadata");
        Yaml.Scalar name = metadata.requireScalar("name");
        Fields spec = Fields.of(document.require("spec"), "spec");
        Map<String, Object> defaults = new LinkedHashMap<>();
        ValueType.Struct params = params(spec.block("paramKind"), defaults);
        List<Policy.Validation> validations = validations(spec);
        Policy policy = new Policy(
                name(name),
                name.place(),
                text(metadata, "title"),
                text(metadata, "description"),
                kinds(spec),
                params,
                defaults,
                failure(spec),
                named(spec.items("matchConditions"), "a match condition", "name", "expression", NAME),
                named(spec.items("variables"), "a variable", "name", "expression", IDENTIFIER),
                validations,
                named(spec.items("auditAnnotations"), "an audit annotation", "key", "valueExpression", NAME));
        metadata.refuseOthers();
        spec.refuseOthers();
        document.refuseOthers();
        return policy;
    }

    private static Policy.FailurePolicy failure(Fields spec) throws RefusedException {
        Optional<Yaml.Scalar> written = spec.scalar("failurePolicy");
        if (written.isPresent() && written.get().value().equals("Ignore")) {
            throw new RefusedException(
                    written.get().place(),
                    "there is no 'Ignore' here: a rule that cannot be checked never lets anything pass. Write Ask (a human"
                            + " decides) or Fail (denied)");
        }
        Map<String, Policy.FailurePolicy> words = new LinkedHashMap<>();
        words.put("Ask", Policy.FailurePolicy.ASK);
        words.put("Fail", Policy.FailurePolicy.FAIL);
        return written.isPresent() ? Fields.choice(written.get(), words) : Policy.FailurePolicy.ASK;
    }

    private static Set<RequestKind> kinds(Fields spec) throws RefusedException {
        Fields match = Fields.of(spec.require("match"), "match");
        Set<RequestKind> kinds = EnumSet.noneOf(RequestKind.class);
        for (Yaml item : match.items("requests")) {
            kinds.add(Fields.choice(Fields.scalar(item, "a kind of request"), RequestKind.byWord()));
        }
        match.refuseOthers();
        if (kinds.isEmpty()) {
            throw new RefusedException(
                    match.place(),
                    "match needs 'requests', a list of "
                            + String.join(", ", RequestKind.byWord().keySet()));
        }
        return kinds;
    }

    private static ValueType.Struct params(Optional<Fields> written, Map<String, Object> defaults)
            throws RefusedException {
        LinkedHashMap<String, ValueType.Field> fields = new LinkedHashMap<>();
        if (written.isPresent()) {
            for (Map.Entry<String, Yaml.Entry> entry : written.get().entries().entrySet()) {
                String name = entry.getKey();
                if (!IDENTIFIER.matcher(name).matches()) {
                    throw new RefusedException(
                            entry.getValue().key(), "a parameter is called by a word such as leastRecords");
                }
                Fields parameter = Fields.of(entry.getValue().value(), "a parameter");
                ValueType type = Fields.choice(parameter.requireScalar("type"), PARAMETER_TYPES);
                Optional<Yaml> fallback = parameter.get("default");
                if (fallback.isPresent()) {
                    defaults.put(name, ValueReader.read(fallback.get(), type, "the default of " + name));
                }
                fields.put(name, new ValueType.Field(type, fallback.isPresent(), text(parameter, "about")));
                parameter.refuseOthers();
            }
        }
        return new ValueType.Struct("Params", "", Collections.unmodifiableSequencedMap(fields));
    }

    private static Map<String, ValueType> parameterTypes() {
        Map<String, ValueType> types = new LinkedHashMap<>();
        for (ValueType type : List.of(
                new ValueType.Bool(),
                new ValueType.WholeNumber(),
                new ValueType.Decimal(),
                new ValueType.Text(),
                new ValueType.Moment(),
                new ValueType.Span())) {
            types.put(type.word(), type);
            types.put("list<" + type.word() + ">", new ValueType.ListOf(type));
        }
        return types;
    }

    private static List<Policy.Validation> validations(Fields spec) throws RefusedException {
        List<Policy.Validation> validations = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Yaml item : bounded(spec.items("validations"))) {
            Fields fields = Fields.of(item, "a validation");
            String name = unique(fields.requireScalar("name"), NAME, names);
            Yaml.Scalar expression = fields.requireScalar("expression");
            Optional<Yaml.Scalar> messageExpression = fields.scalar("messageExpression");
            String message = text(fields, "message");
            if (message.isEmpty()) {
                throw new RefusedException(
                        fields.place(), "a validation needs 'message', what is said when it is broken");
            }
            fields.refuseOthers();
            validations.add(new Policy.Validation(name, expression, message, messageExpression));
        }
        if (validations.isEmpty()) {
            throw new RefusedException(spec.place(), "a policy needs 'validations', at least one");
        }
        return validations;
    }

    private static List<Policy.Named> named(
            List<Yaml> items, String what, String nameKey, String expressionKey, Pattern form) throws RefusedException {
        List<Policy.Named> named = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Yaml item : bounded(items)) {
            Fields fields = Fields.of(item, what);
            named.add(new Policy.Named(
                    unique(fields.requireScalar(nameKey), form, names), fields.requireScalar(expressionKey)));
            fields.refuseOthers();
        }
        return named;
    }

    private static PolicyBinding binding(Fields document) throws RefusedException {
        Fields metadata = Fields.of(document.require("metadata"), "metadata");
        Yaml.Scalar name = metadata.requireScalar("name");
        Fields spec = Fields.of(document.require("spec"), "spec");
        List<PolicyBinding.Clause> clauses = new ArrayList<>();
        for (Yaml item : bounded(spec.items("helpsWith"))) {
            Fields clause = Fields.of(item, "a clause");
            clauses.add(new PolicyBinding.Clause(
                    clause.requireScalar("clause").value(),
                    clause.requireScalar("how").value()));
            clause.refuseOthers();
        }
        PolicyBinding binding = new PolicyBinding(
                name(name), name.place(), spec.requireScalar("policyName"), spec.get("params"), actions(spec), clauses);
        metadata.refuseOthers();
        spec.refuseOthers();
        document.refuseOthers();
        return binding;
    }

    private static Set<PolicyBinding.Action> actions(Fields spec) throws RefusedException {
        Map<String, PolicyBinding.Action> words = new LinkedHashMap<>();
        words.put("Deny", PolicyBinding.Action.DENY);
        words.put("Warn", PolicyBinding.Action.WARN);
        words.put("Audit", PolicyBinding.Action.AUDIT);
        Set<PolicyBinding.Action> actions = EnumSet.noneOf(PolicyBinding.Action.class);
        Yaml written = spec.require("validationActions");
        for (Yaml item : spec.items("validationActions")) {
            actions.add(Fields.choice(Fields.scalar(item, "an action"), words));
        }
        if (actions.isEmpty()) {
            throw new RefusedException(written.place(), "validationActions names at least one of Deny, Warn, Audit");
        }
        if (actions.contains(PolicyBinding.Action.DENY) && actions.contains(PolicyBinding.Action.WARN)) {
            throw new RefusedException(
                    written.place(), "Deny and Warn do not go together: what is denied is told anyway");
        }
        return actions;
    }

    /** @throws RefusedException unless it is 1 to 63 lower-case letters, digits and inner hyphens */
    static String name(Yaml.Scalar scalar) throws RefusedException {
        if (!NAME.matcher(scalar.value()).matches()) {
            throw new RefusedException(
                    scalar.place(),
                    "a name is 1 to 63 lower-case letters, digits and inner hyphens, got '"
                            + Fields.shown(scalar.value()) + "'");
        }
        return scalar.value();
    }

    private static String unique(Yaml.Scalar scalar, Pattern form, Set<String> names) throws RefusedException {
        String name = scalar.value();
        if (!form.matcher(name).matches()) {
            throw new RefusedException(
                    scalar.place(),
                    "a name here is a word such as " + (form == NAME ? "least-records" : "leastRecords") + ", got '"
                            + Fields.shown(name) + "'");
        }
        if (!names.add(name)) {
            throw new RefusedException(scalar.place(), "'" + name + "' is given twice; names are unique");
        }
        return name;
    }

    private static List<Yaml> bounded(List<Yaml> items) throws RefusedException {
        if (items.size() > MAX_EXPRESSIONS) {
            throw new RefusedException(items.getFirst().place(), items.size() + " entries, at most " + MAX_EXPRESSIONS);
        }
        return items;
    }

    private static String text(Fields fields, String key) throws RefusedException {
        Optional<Yaml.Scalar> scalar = fields.scalar(key);
        if (scalar.isPresent() && scalar.get().value().length() > MAX_TEXT) {
            throw new RefusedException(scalar.get().place(), "'" + key + "' has at most " + MAX_TEXT + " characters");
        }
        return scalar.map(value -> value.value().strip()).orElse("");
    }
}
