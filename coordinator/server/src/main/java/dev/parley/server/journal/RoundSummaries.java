package dev.parley.server.journal;

import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.statistics.EvaluationMetrics;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.Effect;
import dev.parley.rounds.RoundOutcome;
import dev.parley.rounds.RoundPlan;
import dev.parley.server.status.FederationStatus.Evaluation;
import dev.parley.server.status.FederationStatus.RoundSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What people are shown of a round that has ended. */
final class RoundSummaries {
    private RoundSummaries() {}

    /** @param model in force after it */
    static RoundSummary of(Effect.CloseRound closed, Instant since, Instant at, ContentHash model) {
        RoundPlan plan = closed.plan();
        long millis = Duration.between(since, at).toMillis();
        return switch (closed.outcome()) {
            case RoundOutcome.Released released ->
                new RoundSummary(
                        plan.id().round(),
                        plan.id().attempt(),
                        plan.task().word(),
                        "released",
                        released.version().hex(),
                        released.participation().contributors().size(),
                        plan.smallestSum(released.participation().contributors()),
                        millis,
                        evaluation(released.evaluation()));
            case RoundOutcome.TooFew abandoned -> abandoned(plan, abandoned, model, millis);
            case RoundOutcome.ReleaseFailed abandoned -> abandoned(plan, abandoned, model, millis);
            case RoundOutcome.Cancelled abandoned -> abandoned(plan, abandoned, model, millis);
        };
    }

    private static RoundSummary abandoned(RoundPlan plan, RoundOutcome outcome, ContentHash model, long millis) {
        return new RoundSummary(
                plan.id().round(),
                plan.id().attempt(),
                plan.task().word(),
                "abandoned: " + outcome.description(),
                model.hex(),
                0,
                0,
                millis,
                null);
    }

    private static @Nullable Evaluation evaluation(Optional<EvaluationCounts> pooled) {
        Optional<EvaluationMetrics> metrics = pooled.flatMap(EvaluationCounts::metrics);
        if (metrics.isEmpty()) {
            return null;
        }
        EvaluationMetrics known = metrics.get();
        OptionalDouble auroc = known.auroc();
        return new Evaluation(
                known.n(),
                auroc.isPresent() ? auroc.getAsDouble() : null,
                known.accuracy(),
                known.macroF1(),
                known.ece(),
                known.brier());
    }
}
