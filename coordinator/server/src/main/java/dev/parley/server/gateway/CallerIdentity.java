package dev.parley.server.gateway;

import dev.parley.contract.v1.EnrolmentGrpc;
import dev.parley.rounds.SiteName;
import dev.parley.server.identity.SiteCertificates;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a call through only when its TLS client certificate is a site's in force, and puts that site into the call's
 * context. Every service but Enrolment needs it: a service that is added later is closed until it is named here.
 */
final class CallerIdentity implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(CallerIdentity.class);
    private static final Context.Key<SiteName> SITE = Context.key("site");

    private final SiteCertificates certificates;

    CallerIdentity(SiteCertificates certificates) {
        this.certificates = certificates;
    }

    /** The site that the current call comes from. */
    static SiteName site() {
        SiteName site = SITE.get();
        if (site == null) {
            throw new IllegalStateException("asked for the caller outside a call that was let through");
        }
        return site;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (EnrolmentGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
            return next.startCall(call, headers);
        }
        return switch (certificates.judge(certificate(call))) {
            case SiteCertificates.Verdict.Identified identified ->
                Contexts.interceptCall(Context.current().withValue(SITE, identified.site()), call, headers, next);
            case SiteCertificates.Verdict.Refused refused -> {
                LOG.atWarn()
                        .addKeyValue("address", call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))
                        .addKeyValue("reason", refused.reason())
                        .log("a caller was refused");
                call.close(Status.UNAUTHENTICATED.withDescription(refused.reason()), new Metadata());
                yield new ServerCall.Listener<>() {};
            }
        };
    }

    private static @Nullable X509Certificate certificate(ServerCall<?, ?> call) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return null;
        }
        try {
            return session.getPeerCertificates()[0] instanceof X509Certificate leaf ? leaf : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }
}
