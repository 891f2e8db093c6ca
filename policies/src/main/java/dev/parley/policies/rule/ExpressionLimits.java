package dev.parley.policies.rule;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelComprehension;
import java.util.Optional;

/**
 * What an expression may not be made of, although CEL would allow it. With the limits in {@link Cel} this bounds what one
 * evaluation can make: lists come from the request, from what is written out, or from a loop of which the steps are
 * counted.
 */
final class ExpressionLimits {
    /** Loops within loops. */
    private static final int MAX_LOOPS = 2;

    /** @param id the node that breaks the rule */
    record Violation(long id, String rule) {}

    private final CelAbstractSyntaxTree tree;
    private Optional<Violation> found = Optional.empty();

    private ExpressionLimits(CelAbstractSyntaxTree tree) {
        this.tree = tree;
    }

    static Optional<Violation> check(CelAbstractSyntaxTree tree) {
        ExpressionLimits limits = new ExpressionLimits(tree);
        limits.visit(tree.getExpr(), 0);
        return limits.found;
    }

    private void visit(CelExpr node, int loops) {
        switch (node.getKind()) {
            case NOT_SET, CONSTANT, IDENT -> {}
            case SELECT -> visit(node.select().operand(), loops);
            case CALL -> {
                refuseJoinedLists(node);
                node.call().target().ifPresent(target -> visit(target, loops));
                node.call().args().forEach(argument -> visit(argument, loops));
            }
            case LIST -> node.list().elements().forEach(element -> visit(element, loops));
            case MAP ->
                node.map().entries().forEach(entry -> {
                    visit(entry.key(), loops);
                    visit(entry.value(), loops);
                });
            case STRUCT -> refuse(node, "a policy reads blocks and builds none");
            case COMPREHENSION -> visitLoop(node, loops + 1);
        }
    }

    private void visitLoop(CelExpr node, int loops) {
        if (loops > MAX_LOOPS) {
            refuse(node, "loops (all, exists, filter, map) are nested at most " + MAX_LOOPS + " deep");
        }
        CelComprehension loop = node.comprehension();
        visit(loop.iterRange(), loops - 1);
        visit(loop.accuInit(), loops);
        visit(loop.loopCondition(), loops);
        visitStep(loop.loopStep(), loop.accuVar(), loops);
        visit(loop.result(), loops);
    }

    /** {@code map} and {@code filter} put their results together with the very sign that policies may not join lists by. */
    private void visitStep(CelExpr step, String accumulator, int loops) {
        if (step.getKind() == CelExpr.ExprKind.Kind.CALL) {
            boolean appends = step.call().function().equals("_+_")
                    && step.call().args().getFirst().identOrDefault().name().equals(accumulator);
            if (appends || step.call().function().equals("_?_:_")) {
                step.call().args().forEach(argument -> visitStep(argument, accumulator, loops));
                return;
            }
        }
        visit(step, loops);
    }

    private void refuseJoinedLists(CelExpr call) {
        if (call.call().function().equals("_+_")
                && tree.getType(call.id())
                        .filter(type -> type.name().equals("list"))
                        .isPresent()) {
            refuse(call, "lists are not joined in a policy; ask about each");
        }
    }

    private void refuse(CelExpr node, String rule) {
        if (found.isEmpty()) {
            found = Optional.of(new Violation(node.id(), rule));
        }
    }
}
