package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.agent.identity.EnrolmentToken;
import dev.parley.agent.identity.SiteKey;
import dev.parley.contract.v1.EnrolRequest;
import dev.parley.contract.v1.EnrolResponse;
import dev.parley.contract.v1.EnrolmentGrpc;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Trades a token for a certificate. The private key stays here: the request carries its public half. */
public final class EnrolmentCall {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private EnrolmentCall() {}

    /** What enrolment came to. */
    public sealed interface Outcome {
        /**
         * A certificate, not yet checked.
         *
         * @param certificate X.509 in DER
         * @param authority X.509 in DER
         */
        record Issued(byte[] certificate, byte[] authority, String logKey) implements Outcome {}

        record Failed(CallFailure failure) implements Outcome {}
    }

    /** Dials the coordinator and asks once. A lost answer spends the token: ask the operator for another then. */
    public static Outcome ask(CoordinatorAddress address, EnrolmentToken token, String site, SiteKey key) {
        try (CoordinatorConnection connection = CoordinatorConnection.forEnrolment(address, token.authority())) {
            return ask(connection.channel(), token, site, key);
        }
    }

    static Outcome ask(Channel channel, EnrolmentToken token, String site, SiteKey key) {
        try {
            EnrolResponse response = EnrolmentGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .enrol(EnrolRequest.newBuilder()
                            .setToken(token.secretText())
                            .setSite(site)
                            .setCertificateRequest(ByteString.copyFrom(key.certificateRequest(site)))
                            .build());
            return new Outcome.Issued(
                    response.getCertificate().toByteArray(),
                    response.getAuthority().toByteArray(),
                    response.getLogKey());
        } catch (StatusRuntimeException e) {
            return new Outcome.Failed(CallFailure.of(e));
        }
    }
}
