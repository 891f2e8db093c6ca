package dev.parley.agent;

import dev.parley.agent.configuration.AgentConfiguration;
import dev.parley.agent.identity.EnrolmentToken;
import dev.parley.agent.identity.IdentityFolder;
import dev.parley.agent.identity.SiteIdentity;
import dev.parley.agent.identity.SiteKey;
import dev.parley.agent.participation.CallFailure;
import dev.parley.agent.participation.CoordinatorAddress;
import dev.parley.agent.participation.EnrolmentCall;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;

/** Enrols a site: key made here, certificate asked for, both kept. */
final class Enrolment {
    private Enrolment() {}

    /**
     * @param again whether an identity that is there may be replaced
     * @throws StartFailure with nothing changed, but for a spent token
     */
    static SiteIdentity enrol(
            AgentConfiguration configuration, CoordinatorAddress coordinator, EnrolmentToken token, boolean again)
            throws StartFailure {
        StateFolder state = StateFolder.open(configuration);
        IdentityFolder identities = state.identities();
        if (identities.isEnrolled() && !again) {
            throw new StartFailure(
                    ExitCode.INPUT,
                    "site " + configuration.site() + " is enrolled already; to replace its identity, say --again");
        }
        SiteKey key = SiteKey.generate();
        EnrolmentCall.Outcome outcome = EnrolmentCall.ask(coordinator, token, configuration.site(), key);
        switch (outcome) {
            case EnrolmentCall.Outcome.Failed failed -> throw failure(coordinator, failed.failure());
            case EnrolmentCall.Outcome.Issued issued -> {
                try {
                    // First: a site that is enrolled without it would never ask for the log.
                    if (!issued.logKey().isEmpty()) {
                        state.witness(new SecureRandom(), InstantSource.system())
                                .pin(issued.logKey());
                    }
                    identities.keep(key, issued.certificate(), issued.authority(), token.authority());
                    return identities.read();
                } catch (IOException e) {
                    throw new StartFailure(ExitCode.STATE_FOLDER, String.valueOf(e.getMessage()));
                } catch (IllegalArgumentException e) {
                    throw new StartFailure(
                            ExitCode.LOG_REFUSED,
                            e.getMessage() + "; if the coordinator was set up anew, remove "
                                    + configuration.witnessFile() + " after comparing the new key with other sites");
                }
            }
        }
    }

    private static StartFailure failure(CoordinatorAddress coordinator, CallFailure failure) {
        return switch (failure) {
            case CallFailure.Passing passing ->
                new StartFailure(
                        ExitCode.UNREACHABLE,
                        "the coordinator at " + coordinator + " cannot be reached (" + passing.reason()
                                + "); check the address, that it runs, and that a firewall lets you out; the token is "
                                + "still good");
            case CallFailure.OutOfStep outOfStep -> new StartFailure(ExitCode.REFUSED, outOfStep.reason());
            case CallFailure.Untrusted untrusted ->
                new StartFailure(
                        ExitCode.UNTRUSTED,
                        "the server at " + coordinator + " is not the token's coordinator: " + untrusted.reason()
                                + "; nothing was sent. Check the address, and the token with the operator");
            case CallFailure.Refused refused ->
                new StartFailure(ExitCode.REFUSED, "the coordinator refuses the enrolment: " + refused.reason());
        };
    }
}
