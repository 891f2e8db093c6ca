package dev.parley.server.gateway;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.EnrolRequest;
import dev.parley.contract.v1.EnrolResponse;
import dev.parley.contract.v1.EnrolmentGrpc;
import dev.parley.policies.request.GovernedRequest.JoinSite;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.SiteName;
import dev.parley.server.audit.AuditLog;
import dev.parley.server.governance.Governance;
import dev.parley.server.identity.AttemptLimit;
import dev.parley.server.identity.CertificateAuthority;
import dev.parley.server.identity.CertificateRequest;
import dev.parley.server.identity.EnrolmentTokens;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trades a one-time token and a certificate request for a site's certificate. The only service open to strangers. */
final class EnrolmentService extends EnrolmentGrpc.EnrolmentImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(EnrolmentService.class);
    private static final String NEW_TOKEN = "; ask the coordinator's operator for a new one";

    private final CertificateAuthority authority;
    private final EnrolmentTokens tokens;
    private final Governance governance;
    private final AuditLog audit;
    private final AttemptLimit limit;

    EnrolmentService(
            CertificateAuthority authority,
            EnrolmentTokens tokens,
            Governance governance,
            AuditLog audit,
            int failuresPerMinute,
            InstantSource clock) {
        this.authority = authority;
        this.tokens = tokens;
        this.governance = governance;
        this.audit = audit;
        this.limit = new AttemptLimit(failuresPerMinute, clock);
    }

    @Override
    public void enrol(EnrolRequest request, StreamObserver<EnrolResponse> response) {
        String address = CallerAddress.current();
        try {
            if (!limit.mayTry(address)) {
                throw Status.RESOURCE_EXHAUSTED
                        .withDescription("too many failed enrolments from this address; wait a minute")
                        .asException();
            }
            response.onNext(enrol(request));
            response.onCompleted();
        } catch (StatusException e) {
            if (e.getStatus().getCode() != Status.Code.RESOURCE_EXHAUSTED) {
                limit.failed(address);
            }
            LOG.atWarn()
                    .addKeyValue("address", address)
                    .addKeyValue("status", e.getStatus().getCode())
                    .log("an enrolment was refused");
            response.onError(e);
        } catch (IOException | CertificateEncodingException e) {
            response.onError(Incidents.statusOf(e).asException());
        }
    }

    private EnrolResponse enrol(EnrolRequest request)
            throws StatusException, IOException, CertificateEncodingException {
        SiteName site = siteName(request.getSite());
        // The token first: a stranger without one does not get us to parse his request. It is used up last, so that a
        // bad
        // request does not cost the site its token.
        requireValid(tokens.check(site, request.getToken()));
        CertificateRequest certificateRequest;
        try {
            certificateRequest =
                    CertificateRequest.parse(request.getCertificateRequest().toByteArray());
        } catch (CertificateRequest.RefusedException e) {
            throw Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException();
        }
        if (governance.joinSite(site, JoinSite.Step.ENROL) instanceof Governance.Ruling.Refused refused) {
            throw Status.PERMISSION_DENIED
                    .withDescription("site " + site + " may not enrol: " + refused.reason())
                    .asException();
        }
        requireValid(tokens.redeem(site, request.getToken()));
        X509Certificate certificate = authority.issueSite(site, certificateRequest);
        // The certificate is handed out only if that is in the log.
        audit.enter(new AuditEvent.SiteEnrolled(ContentHash.of(certificate.getEncoded())));
        LOG.atInfo()
                .addKeyValue("site", site)
                .addKeyValue("until", certificate.getNotAfter().toInstant())
                .log("a site was enrolled");
        return EnrolResponse.newBuilder()
                .setCertificate(ByteString.copyFrom(certificate.getEncoded()))
                .setAuthority(ByteString.copyFrom(authority.certificate().getEncoded()))
                .setLogKey(audit.key().toString())
                .build();
    }

    private static SiteName siteName(String name) throws StatusException {
        try {
            return new SiteName(name);
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException();
        }
    }

    private static void requireValid(EnrolmentTokens.Verdict verdict) throws StatusException {
        Status status = switch (verdict) {
            case EnrolmentTokens.Verdict.Valid valid -> Status.OK;
            case EnrolmentTokens.Verdict.Wrong wrong ->
                Status.PERMISSION_DENIED.withDescription(
                        "this is not the open token of that site: check the token and the site's name");
            case EnrolmentTokens.Verdict.Used used ->
                Status.FAILED_PRECONDITION.withDescription(
                        "the token was used at " + used.at() + " and works once" + NEW_TOKEN);
            case EnrolmentTokens.Verdict.Expired expired ->
                Status.FAILED_PRECONDITION.withDescription("the token expired at " + expired.at() + NEW_TOKEN);
        };
        if (!status.isOk()) {
            throw status.asException();
        }
    }
}
