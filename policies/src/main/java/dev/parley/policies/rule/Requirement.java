package dev.parley.policies.rule;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.parser.CelUnparserFactory;
import dev.cel.runtime.CelEvaluationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What would have to change for a condition to hold, in words. The condition is taken apart at "and", "or" and "if"; what
 * remains is a comparison whose two sides are shown with their values, or a loop whose offending elements are.
 */
final class Requirement {
    private static final int MAX_ELEMENTS = 5;
    private static final int MAX_DEPTH = 8;

    private static final Map<String, String> COMPARISONS = Map.of(
            "_>=_", "has to be at least",
            "_>_", "has to be above",
            "_<=_", "has to be at most",
            "_<_", "has to be below",
            "_==_", "has to be",
            "_!=_", "must not be",
            "@in", "has to be one of");

    private final Expression expression;
    private final Situation situation;

    private Requirement(Expression expression, Situation situation) {
        this.expression = expression;
        this.situation = situation;
    }

    /** At least one sentence for a condition that does not hold. */
    static List<String> unmet(Expression expression, Situation situation) {
        List<String> sentences = new ArrayList<>();
        new Requirement(expression, situation).collect(expression.tree().getExpr(), sentences, 0);
        return sentences;
    }

    private void collect(CelExpr node, List<String> sentences, int depth) {
        Evaluation evaluation = evaluate(node);
        if (evaluation instanceof Evaluation.Value known && known.value().equals(true)) {
            return;
        }
        if (!(evaluation instanceof Evaluation.Value) && !splits(node)) {
            sentences.add(evaluation.obstacle());
            return;
        }
        if (node.getKind() != CelExpr.ExprKind.Kind.CALL || depth > MAX_DEPTH) {
            sentences.add(loop(node).orElseGet(() -> "this has to hold: " + text(node)));
            return;
        }
        List<CelExpr> arguments = node.call().args();
        switch (node.call().function()) {
            case "_&&_" -> arguments.forEach(argument -> collect(argument, sentences, depth + 1));
            case "_||_" -> sentences.add(alternatives(arguments, depth));
            case "_?_:_" -> {
                boolean first = evaluate(arguments.get(0)) instanceof Evaluation.Value known
                        && known.value().equals(true);
                collect(arguments.get(first ? 1 : 2), sentences, depth + 1);
            }
            case "!_" -> sentences.add("this must not hold: " + text(arguments.getFirst()));
            default -> sentences.add(comparison(node).orElseGet(() -> "this has to hold: " + text(node)));
        }
    }

    private static boolean splits(CelExpr node) {
        return node.getKind() == CelExpr.ExprKind.Kind.CALL
                && List.of("_&&_", "_||_").contains(node.call().function());
    }

    private String alternatives(List<CelExpr> alternatives, int depth) {
        List<String> ways = new ArrayList<>();
        for (CelExpr alternative : alternatives) {
            List<String> way = new ArrayList<>();
            collect(alternative, way, depth + 1);
            ways.add(String.join(", and ", way));
        }
        return String.join("; or ", ways);
    }

    private Optional<String> comparison(CelExpr node) {
        String relation = COMPARISONS.get(node.call().function());
        if (relation == null || node.call().args().size() != 2) {
            return Optional.empty();
        }
        CelExpr left = node.call().args().get(0);
        CelExpr right = node.call().args().get(1);
        Evaluation rightValue = evaluate(right);
        if (!(evaluate(left) instanceof Evaluation.Value is) || !(rightValue instanceof Evaluation.Value bound)) {
            return Optional.empty();
        }
        String target = right.getKind() == CelExpr.ExprKind.Kind.CONSTANT
                ? Shown.of(bound.value())
                : Shown.of(bound.value()) + " (" + text(right) + ")";
        return Optional.of(text(left) + " is " + Shown.of(is.value()) + " and " + relation + " " + target);
    }

    /** For {@code all(x, c)}: the elements for which {@code c} does not hold. */
    private Optional<String> loop(CelExpr node) {
        CelExpr macro = expression.tree().getSource().getMacroCalls().get(node.id());
        if (macro == null
                || macro.getKind() != CelExpr.ExprKind.Kind.CALL
                || macro.call().target().isEmpty()
                || macro.call().args().size() != 2
                || !macro.call().function().equals("all")) {
            return Optional.empty();
        }
        String list = text(macro.call().target().get());
        String element = text(macro.call().args().get(0));
        String condition = text(macro.call().args().get(1));
        Optional<Expression> offending =
                expression.names().derive(list + ".filter(" + element + ", !(" + condition + "))");
        if (offending.isEmpty()
                || !(offending.get().evaluate(situation) instanceof Evaluation.Value known)
                || !(known.value() instanceof List<?> elements)) {
            return Optional.empty();
        }
        List<String> shown =
                elements.stream().limit(MAX_ELEMENTS).map(Shown::of).toList();
        String more = elements.size() > MAX_ELEMENTS ? " and " + (elements.size() - MAX_ELEMENTS) + " more" : "";
        return Optional.of("for each " + element + " of " + list + " this has to hold: " + condition
                + "; it does not for " + String.join(", ", shown) + more);
    }

    private Evaluation evaluate(CelExpr node) {
        try {
            CelAbstractSyntaxTree tree = part(node);
            return new Expression(expression.text(), tree, expression.names()).evaluate(situation);
        } catch (CelEvaluationException e) {
            return new Evaluation.Impossible("it cannot be taken apart");
        }
    }

    private String text(CelExpr node) {
        return CelUnparserFactory.newUnparser().unparse(part(node));
    }

    private CelAbstractSyntaxTree part(CelExpr node) {
        CelAbstractSyntaxTree whole = expression.tree();
        return CelAbstractSyntaxTree.newCheckedAst(
                node, whole.getSource(), whole.getReferenceMap(), whole.getTypeMap());
    }
}
