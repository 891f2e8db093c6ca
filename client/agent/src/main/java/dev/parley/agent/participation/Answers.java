package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.agent.egress.Verdict;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.EvaluationReport;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.Progress;
import dev.parley.privacy.statistics.MaskedCounts;
import dev.parley.privacy.update.ContentHash;

/** What a site says on its control stream. Whatever is not made here is not said. */
final class Answers {
    private Answers() {}

    static AgentMessage accepted(String federation, ReceivedPlan plan, SumMembership.Deals deals) {
        return AgentMessage.newBuilder()
                .setAnswer(answer(federation, plan).setAccepted(SumMessages.accepted(deals)))
                .build();
    }

    static AgentMessage refused(String federation, ReceivedPlan plan, Verdict.Refused refusal) {
        return AgentMessage.newBuilder()
                .setAnswer(answer(federation, plan)
                        .setRefused(InvitationAnswer.Refused.newBuilder().setRule(refusal.told())))
                .build();
    }

    private static InvitationAnswer.Builder answer(String federation, ReceivedPlan plan) {
        return InvitationAnswer.newBuilder()
                .setFederation(federation)
                .setRound(plan.round())
                .setAttempt(plan.attempt())
                .setPlanHash(bytes(plan.hash()));
    }

    static AgentMessage progress(int round, int step, int steps) {
        return AgentMessage.newBuilder()
                .setProgress(Progress.newBuilder().setRound(round).setStep(step).setSteps(steps))
                .build();
    }

    static AgentMessage evaluation(int round, ContentHash model, MaskedCounts counts) {
        return AgentMessage.newBuilder()
                .setEvaluation(EvaluationReport.newBuilder()
                        .setRound(round)
                        .setModelHash(bytes(model))
                        .setMaskedCounts(ByteString.copyFrom(counts.toBytes())))
                .build();
    }

    private static ByteString bytes(ContentHash hash) {
        return ByteString.copyFrom(hash.bytes());
    }
}
