package dev.parley.server.gateway;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.EvaluationReport;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.Progress;
import dev.parley.contract.v1.SubmissionHeader;
import dev.parley.contract.v1.SubmissionStatusRequest;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.SubmissionId;
import dev.parley.server.cluster.SiteStatement;
import dev.parley.server.cluster.SubmissionOffer;
import io.grpc.Status;

/** Reads generated messages into the server's own types, and refuses what breaks a rule of the contract. */
final class ContractReader {
    private static final int MAX_RULE_CHARACTERS = 200;
    private static final int MAX_ANNOUNCEMENT_BYTES = 16 << 10;

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
     * A statement of a site that is attached. An answer may be to a plan that has just been replaced by the next: whoever
     * keeps the rounds sees that by the plan's hash.
     */
    static SiteStatement statement(FederationName federation, AgentMessage message) throws RefusedMessageException {
        return switch (message.getMessageCase()) {
            case ANSWER -> answer(federation, message.getAnswer());
            case PROGRESS -> progress(message.getProgress());
            case EVALUATION -> evaluation(message.getEvaluation());
            case KEYS ->
                new SiteStatement.KeysAgreed(
                        hash(message.getKeys().getRosterHash()),
                        SumMessages.encapsulations(message.getKeys().getEncapsulationsList()));
            case SIGNED -> SumMessages.signed(message.getSigned());
            case REVEALED -> SumMessages.revealed(message.getRevealed());
            case HELLO, HEARTBEAT, COSIGNATURE, MESSAGE_NOT_SET ->
                throw new RefusedMessageException(message.getMessageCase() + " states nothing about a round");
        };
    }

    private static SiteStatement answer(FederationName federation, InvitationAnswer answer)
            throws RefusedMessageException {
        requireFederation(federation, answer.getFederation());
        RoundId unused = roundId(answer.getRound(), answer.getAttempt());
        ContentHash answered = hash(answer.getPlanHash());
        return switch (answer.getAnswerCase()) {
            case ACCEPTED -> new SiteStatement.Accepted(answered, SumMessages.deals(answer.getAccepted()));
            case REFUSED -> {
                String rule = answer.getRefused().getRule();
                if (rule.length() > MAX_RULE_CHARACTERS) {
                    throw new RefusedMessageException(
                            "a rule is named in at most " + MAX_RULE_CHARACTERS + " characters, got " + rule.length());
                }
                yield new SiteStatement.Refused(answered, printable(rule));
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
        return new SiteStatement.Evaluated(
                count("round", report.getRound()),
                hash(report.getModelHash()),
                SumMessages.bytes(report.getMaskedCounts()));
    }

    /**
     * The keys that a site announces: in its own name, for this federation, with the signatures of the identity that they
     * name. Whether that identity is the site's is for the other sites to judge, who know each other's.
     */
    static Announcement announcement(FederationName federation, SiteName site, ByteString bytes)
            throws RefusedMessageException {
        Announcement announcement;
        try {
            if (bytes.size() > MAX_ANNOUNCEMENT_BYTES) {
                throw new IllegalArgumentException("at most " + MAX_ANNOUNCEMENT_BYTES + " bytes, got " + bytes.size());
            }
            announcement = Announcement.of(bytes.toByteArray());
        } catch (IllegalArgumentException e) {
            throw new RefusedMessageException("Hello's announcement of keys: " + e.getMessage());
        }
        if (!announcement.site().equals(site.value())) {
            throw new RefusedMessageException(
                    "Hello's announcement of keys is another site's, expected one of " + site);
        }
        if (!announcement.federation().equals(federation.value())) {
            throw new RefusedMessageException(
                    "Hello's announcement of keys is for another federation, expected '" + federation + "'");
        }
        if (!announcement.isAuthentic()) {
            throw new RefusedMessageException(
                    "Hello's announcement of keys does not carry the signatures of the identity that it names");
        }
        return announcement;
    }

    /** What a submission's header offers, if its id is the site's own and says what the header says. */
    static SubmissionOffer offer(FederationName federation, SiteName site, SubmissionHeader header)
            throws RefusedMessageException {
        requireFederation(federation, header.getFederation());
        SubmissionId own = new SubmissionId(federation, roundId(header.getRound(), header.getAttempt()), site);
        requireId(own, header.getSubmissionId());
        if (header.getTotal() < 1) {
            throw new RefusedMessageException("a submission has at least one byte");
        }
        return new SubmissionOffer(own, hash(header.getContentHash()), header.getTotal());
    }

    /** The submission that a site asks about, of unknown size (0). */
    static SubmissionOffer offer(FederationName federation, SiteName site, SubmissionStatusRequest request)
            throws RefusedMessageException {
        SubmissionId asked;
        try {
            asked = SubmissionId.parse(request.getSubmissionId());
        } catch (IllegalArgumentException e) {
            throw new RefusedMessageException(String.valueOf(e.getMessage()));
        }
        requireId(new SubmissionId(federation, asked.round(), site), request.getSubmissionId());
        return new SubmissionOffer(asked, hash(request.getContentHash()), 0);
    }

    static ContentHash hash(ByteString digest) throws RefusedMessageException {
        if (digest.size() != ContentHash.SIZE_BYTES) {
            throw new RefusedMessageException("a hash is a SHA-256 of 32 bytes, got " + digest.size() + " bytes");
        }
        return ContentHash.ofDigest(digest.toByteArray());
    }

    private static void requireId(SubmissionId expected, String got) throws RefusedMessageException {
        if (!got.equals(expected.toString())) {
            boolean foreign = !got.endsWith("/" + expected.site());
            throw new RefusedMessageException(
                    foreign ? Status.Code.PERMISSION_DENIED : Status.Code.INVALID_ARGUMENT,
                    "the submission id of this site and round is " + expected);
        }
    }

    private static void requireFederation(FederationName expected, String got) throws RefusedMessageException {
        if (!got.equals(expected.value())) {
            throw new RefusedMessageException("this coordinator runs the federation '" + expected + "'");
        }
    }

    private static RoundId roundId(int round, int attempt) throws RefusedMessageException {
        try {
            return new RoundId(round, attempt);
        } catch (IllegalArgumentException e) {
            throw new RefusedMessageException(String.valueOf(e.getMessage()));
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
