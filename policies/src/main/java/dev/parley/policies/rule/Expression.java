package dev.parley.policies.rule;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelErrorCode;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.Program;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An expression that has been type-checked. Evaluating it is a function of the values, safe from any thread. */
final class Expression {
    private static final Pattern MISSING_KEY = Pattern.compile("key '(.{1,80})' is not present in map");
    private static final Pattern PREFIX = Pattern.compile("^evaluation error at <input>:\\d+: ");
    private static final int MAX_REASON = 200;

    private final String text;
    private final CelAbstractSyntaxTree tree;
    private final Program program;
    private final Names names;
    private final Set<List<String>> paths;

    /** @throws CelEvaluationException if there is no such function after all, which the checker has ruled out */
    Expression(String text, CelAbstractSyntaxTree tree, Names names) throws CelEvaluationException {
        this.text = text;
        this.tree = tree;
        this.program = Cel.RUNTIME.createProgram(tree);
        this.names = names;
        Set<List<String>> found = new LinkedHashSet<>();
        collect(tree.getExpr(), found);
        this.paths = found;
    }

    String text() {
        return text;
    }

    CelAbstractSyntaxTree tree() {
        return tree;
    }

    CelType type() {
        return tree.getResultType();
    }

    /** What it was checked against. */
    Names names() {
        return names;
    }

    Evaluation evaluate(Situation situation) {
        try {
            Object value = program.eval(situation.bindings());
            return value == null ? new Evaluation.Impossible("it has no value") : new Evaluation.Value(value);
        } catch (CelEvaluationException e) {
            return failed(e, situation);
        }
    }

    private Evaluation failed(CelEvaluationException failure, Situation situation) {
        List<String> missing = new ArrayList<>();
        for (List<String> path : paths) {
            Optional<Evaluation> unknown = situation.obstacle(path);
            if (unknown.isPresent() && !(unknown.get() instanceof Evaluation.Missing)) {
                return unknown.get();
            }
            unknown.ifPresent(evaluation -> ((Evaluation.Missing) evaluation)
                    .paths()
                    .forEach(absent -> {
                        if (!missing.contains(absent)) {
                            missing.add(absent);
                        }
                    }));
        }
        if (failure.getErrorCode() == CelErrorCode.ATTRIBUTE_NOT_FOUND) {
            if (missing.isEmpty()) {
                Matcher matcher = MISSING_KEY.matcher(String.valueOf(failure.getMessage()));
                missing.add(matcher.find() ? "'" + matcher.group(1) + "' of an element" : "a value that it looks up");
            }
            return new Evaluation.Missing(missing);
        }
        if (!missing.isEmpty() && failure.getErrorCode() == CelErrorCode.INTERNAL_ERROR) {
            return new Evaluation.Missing(missing);
        }
        return new Evaluation.Impossible(reason(failure));
    }

    private static String reason(CelEvaluationException failure) {
        if (failure.getErrorCode() == CelErrorCode.ITERATION_BUDGET_EXCEEDED) {
            return "its loops take more than " + Cel.MAX_ITERATIONS + " steps";
        }
        String message = PREFIX.matcher(String.valueOf(failure.getMessage())).replaceFirst("");
        String line = message.lines().findFirst().orElse("").replaceAll("java\\.[\\w.]+: ", "");
        return line.length() > MAX_REASON ? line.substring(0, MAX_REASON) + "..." : line;
    }

    /** The values of the request, the parameters and the variables that the expression names, by what it calls them. */
    Map<String, String> values(Situation situation) {
        Map<String, String> values = new TreeMap<>();
        for (List<String> path : paths) {
            situation.lookUp(path).ifPresent(value -> values.put(String.join(".", path), Shown.of(value)));
        }
        return values;
    }

    /** Chains such as {@code request.candidate.auroc.lower}, each as long as it goes. */
    private static void collect(CelExpr root, Set<List<String>> paths) {
        Deque<CelExpr> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            CelExpr node = open.pop();
            Optional<List<String>> path = path(node);
            if (path.isPresent()) {
                paths.add(path.get());
                continue;
            }
            switch (node.getKind()) {
                case NOT_SET, CONSTANT, IDENT, STRUCT -> {}
                case SELECT -> open.push(node.select().operand());
                case CALL -> {
                    node.call().target().ifPresent(open::push);
                    node.call().args().forEach(open::push);
                }
                case LIST -> node.list().elements().forEach(open::push);
                case MAP ->
                    node.map().entries().forEach(entry -> {
                        open.push(entry.key());
                        open.push(entry.value());
                    });
                case COMPREHENSION -> {
                    open.push(node.comprehension().result());
                    open.push(node.comprehension().loopStep());
                    open.push(node.comprehension().loopCondition());
                    open.push(node.comprehension().accuInit());
                    open.push(node.comprehension().iterRange());
                }
            }
        }
    }

    private static Optional<List<String>> path(CelExpr node) {
        ArrayDeque<String> names = new ArrayDeque<>();
        CelExpr at = node;
        while (at.getKind() == CelExpr.ExprKind.Kind.SELECT && !at.select().testOnly()) {
            names.addFirst(at.select().field());
            at = at.select().operand();
        }
        if (at.getKind() != CelExpr.ExprKind.Kind.IDENT) {
            return Optional.empty();
        }
        String root = at.ident().name();
        if (root.startsWith(Situation.VARIABLES + ".")) {
            names.addFirst(root.substring(Situation.VARIABLES.length() + 1));
            names.addFirst(Situation.VARIABLES);
        } else if (Situation.ROOTS.contains(root)) {
            names.addFirst(root);
        } else {
            return Optional.empty();
        }
        return names.size() < 2 ? Optional.empty() : Optional.of(List.copyOf(names));
    }
}
