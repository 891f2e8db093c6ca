package dev.parley.policies.trial;

import dev.parley.policies.document.Fields;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.document.YamlReader;
import dev.parley.policies.request.RequestReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file of tests. A test gives a request, and each case says how its own differs: {@code with} is laid over it block by
 * block, {@code without} names what is left out.
 */
record TrialFile(List<TrialCase> cases) {
    private static final Map<String, String> VERDICTS = verdicts();

    TrialFile {
        cases = List.copyOf(cases);
    }

    private static Map<String, String> verdicts() {
        Map<String, String> words = new LinkedHashMap<>();
        List.of("Allow", "Deny", "Inconclusive").forEach(word -> words.put(word, word));
        return words;
    }

    static TrialFile read(String name, byte[] content) throws RefusedException {
        List<TrialCase> cases = new ArrayList<>();
        for (Yaml document : YamlReader.read(name, content)) {
            Fields fields = Fields.of(document, "a test");
            Fields.choice(
                    fields.requireScalar("apiVersion"), Map.of("policies.parley.dev/v1", "policies.parley.dev/v1"));
            Fields.choice(fields.requireScalar("kind"), Map.of("PolicyTest", "PolicyTest"));
            Optional<Yaml.Scalar> policy = fields.scalar("policy");
            Optional<Yaml> params = fields.get("params");
            Optional<Yaml> request = fields.get("request");
            for (Yaml item : fields.items("cases")) {
                cases.add(read(Fields.of(item, "a case"), policy, params, request));
            }
            fields.refuseOthers();
        }
        return new TrialFile(cases);
    }

    private static TrialCase read(
            Fields fields, Optional<Yaml.Scalar> policy, Optional<Yaml> params, Optional<Yaml> base)
            throws RefusedException {
        String name = fields.requireScalar("name").value();
        Optional<Yaml> own = fields.get("request");
        Yaml request = own.or(() -> base)
                .orElseThrow(() -> new RefusedException(
                        fields.place(), "a case needs 'request', of its own or at the top of the test"));
        Optional<Yaml> with = fields.get("with");
        if (with.isPresent()) {
            request = overlay(request, with.get());
        }
        for (Yaml path : fields.items("without")) {
            Yaml.Scalar scalar = Fields.scalar(path, "a path");
            request = without(request, List.of(scalar.value().split("\\.", -1)), scalar);
        }
        Optional<Yaml> ownParams = fields.get("params");
        Optional<Yaml> allParams = params.isPresent() && ownParams.isPresent()
                ? Optional.of(overlay(params.get(), ownParams.get()))
                : ownParams.or(() -> params);
        Fields expected = Fields.of(fields.require("expect"), "expect");
        TrialCase read = new TrialCase(
                name,
                fields.place(),
                policy,
                allParams,
                RequestReader.read(request),
                Fields.choice(expected.requireScalar("verdict"), VERDICTS),
                expected.scalar("rule").map(Yaml.Scalar::value),
                expected.scalar("message").map(value -> value.value().strip()));
        expected.refuseOthers();
        fields.refuseOthers();
        return read;
    }

    /** Blocks are laid over each other key by key; anything else is replaced. */
    private static Yaml overlay(Yaml below, Yaml above) {
        if (!(below instanceof Yaml.Mapping lower) || !(above instanceof Yaml.Mapping upper)) {
            return above;
        }
        LinkedHashMap<String, Yaml.Entry> entries = new LinkedHashMap<>(lower.entries());
        upper.entries().forEach((key, entry) -> {
            Yaml.Entry earlier = entries.get(key);
            entries.put(
                    key,
                    earlier == null ? entry : new Yaml.Entry(entry.key(), overlay(earlier.value(), entry.value())));
        });
        return new Yaml.Mapping(Collections.unmodifiableSequencedMap(entries), upper.place());
    }

    private static Yaml without(Yaml value, List<String> path, Yaml.Scalar written) throws RefusedException {
        if (!(value instanceof Yaml.Mapping mapping) || !mapping.entries().containsKey(path.getFirst())) {
            throw new RefusedException(
                    written.place(),
                    "the request has no '" + Fields.shown(written.value()) + "' that could be left out");
        }
        LinkedHashMap<String, Yaml.Entry> entries = new LinkedHashMap<>(mapping.entries());
        Yaml.Entry entry = entries.remove(path.getFirst());
        if (path.size() > 1 && entry != null) {
            entries.put(
                    path.getFirst(),
                    new Yaml.Entry(entry.key(), without(entry.value(), path.subList(1, path.size()), written)));
        }
        return new Yaml.Mapping(Collections.unmodifiableSequencedMap(entries), mapping.place());
    }
}
