package dev.parley.server.gateway;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.EvaluationReport;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.Progress;
import dev.parley.contract.v1.SubmissionHeader;
import dev.parley.contract.v1.SubmissionStatusRequest;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.cluster.SiteStatement;
import dev.parley.server.cluster.SubmissionOffer;
import dev.parley.server.identity.SiteName;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** Reads generated messages into the server's own types, and refuses what breaks a rule of the contract. */
final class ContractReader {
    private static final int MAX_RULE_CHARACTERS = 200;
    private static final int MAX_COUNTS = 65_536;

    private ContractReader() {}

    /** A message breaks a rule that the contract writes down; the message says which. */
    static final class RefusedMessageException extends Exception {
        private final Status.Code code;

        RefusedMessageException(String rule) {
            this(Status.Code.INVALID_ARGUMENT, rule);
        }

        private RefusedMessageException(Status.Code code, String rule) {
            super(rule);
            this.code = code;
        }

        Status status() {
            return code.toStatus().withDescription(getMessage());
        }
    }

    /**
     * A statement of a site that is attached.
     *
     * @param shown the hash of the plan that this stream was last shown; null if none was
     */
    static SiteStatement statement(String federation, @Nullable ContentHash shown, AgentMessage message)
            throws RefusedMessageException {
        return switch (message.getMessageCase()) {
            case ANSWER -> answer(federation, shown, message.getAnswer());
            case PROGRESS -> progress(message.getProgress());
            case EVALUATION -> evaluation(message.getEvaluation());
            case HELLO, HEARTBEAT, MESSAGE_NOT_SET ->
                throw new RefusedMessageException(message.getMessageCase() + " states nothing about a round");
        };
    }

    private static SiteStatement answer(String federation, @Nullable ContentHash shown, InvitationAnswer answer)
            throws RefusedMessageException {
        requireFederation(federation, answer.getFederation());
        int round = count("round", answer.getRound());
        int attempt = count("attempt", answer.getAttempt());
        ContentHash answered = hash(answer.getPlanHash());
        if (!answered.equals(shown)) {
            throw new RefusedMessageException("the answer is to plan " + answered.abbreviated()
                    + "..., which is not the one that was sent last on this stream");
        }
        return switch (answer.getAnswerCase()) {
            case ACCEPTED -> new SiteStatement.Accepted(round, attempt);
            case REFUSED -> {
                String rule = answer.getRefused().getRule();
                if (rule.length() > MAX_RULE_CHARACTERS) {
                    throw new RefusedMessageException(
                            "a rule is named in at most " + MAX_RULE_CHARACTERS + " characters, got " + rule.length());
                }
                yield new SiteStatement.Refused(round, attempt, printable(rule));
            }
            case ANSWER_NOT_SET -> throw new RefusedMessageException("an answer is Accepted or Refused");
        };
    }

    private static SiteStatement progress(Progress progress) throws RefusedMessageException {
        int step = count("step", progress.getStep());
        int steps = count("steps", progress.getSteps());
        if (step > steps) {
            throw new RefusedMessageException("step " + step + " of " + steps + " steps");
        }
        return new SiteStatement.Progressed(count("round", progress.getRound()), step, steps);
    }

    private static SiteStatement evaluation(EvaluationReport report) throws RefusedMessageException {
        if (report.getCountsCount() > MAX_COUNTS) {
            throw new RefusedMessageException(
                    "an evaluation has at most " + MAX_COUNTS + " counts, got " + report.getCountsCount());
        }
        return new SiteStatement.Evaluated(
                count("round", report.getRound()), hash(report.getModelHash()), report.getCountsList());
    }

    /** What a submission's header offers, if its id is the site's own. */
    static SubmissionOffer offer(String federation, SiteName site, SubmissionHeader header)
            throws RefusedMessageException {
        requireFederation(federation, header.getFederation());
        int round = count("round", header.getRound());
        int attempt = count("attempt", header.getAttempt());
        requireId(federation + "/" + round + "/" + attempt + "/" + site, header.getSubmissionId());
        if (header.getTotal() < 1) {
            throw new RefusedMessageException("a submission has at least one byte");
        }
        return new SubmissionOffer(site, round, attempt, hash(header.getContentHash()), header.getTotal());
    }

    /** The submission that a site asks about, of unknown size (0). */
    static SubmissionOffer offer(String federation, SiteName site, SubmissionStatusRequest request)
            throws RefusedMessageException {
        String id = request.getSubmissionId();
        String[] words = id.split("/", -1);
        try {
            int round = count("round", Integer.parseInt(words.length == 4 ? words[1] : ""));
            int attempt = count("attempt", Integer.parseInt(words[2]));
            requireId(federation + "/" + round + "/" + attempt + "/" + site, id);
            return new SubmissionOffer(site, round, attempt, hash(request.getContentHash()), 0);
        } catch (NumberFormatException e) {
            throw new RefusedMessageException("a submission id is federation/round/attempt/site");
        }
    }

    static ContentHash hash(ByteString digest) throws RefusedMessageException {
        if (digest.size() != ContentHash.SIZE_BYTES) {
            throw new RefusedMessageException("a hash is a SHA-256 of 32 bytes, got " + digest.size() + " bytes");
        }
        return ContentHash.ofDigest(digest.toByteArray());
    }

    private static void requireId(String expected, String got) throws RefusedMessageException {
        if (!got.equals(expected)) {
            boolean foreign = !got.endsWith(expected.substring(expected.lastIndexOf('/')));
            throw new RefusedMessageException(
                    foreign ? Status.Code.PERMISSION_DENIED : Status.Code.INVALID_ARGUMENT,
                    "the submission id of this site and round is " + expected);
        }
    }

    private static void requireFederation(String expected, String got) throws RefusedMessageException {
        if (!got.equals(expected)) {
            throw new RefusedMessageException("this coordinator runs the federation '" + expected + "'");
        }
    }

    // uint32 arrives as a signed int: what is negative here was above 2^31 on the wire.
    private static int count(String field, int value) throws RefusedMessageException {
        if (value < 0) {
            throw new RefusedMessageException(field + " is out of range: " + Integer.toUnsignedString(value));
        }
        return value;
    }

    /** Text from a site is shown to people in terminals: control characters do not pass. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
