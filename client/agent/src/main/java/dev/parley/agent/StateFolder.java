package dev.parley.agent;

import dev.parley.agent.configuration.AgentConfiguration;
import dev.parley.agent.identity.IdentityFolder;
import dev.parley.agent.identity.SiteIdentity;
import dev.parley.agent.identity.SumIdentityFile;
import dev.parley.agent.participation.LogWitness;
import dev.parley.agent.participation.SumMembership;
import dev.parley.agent.storage.BlobCache;
import dev.parley.agent.storage.BudgetFile;
import dev.parley.agent.storage.PledgeFile;
import dev.parley.agent.storage.PrivateFiles;
import dev.parley.agent.storage.WitnessFile;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/** Where the agent keeps what it has: identity, pledges and fetched blobs. Readable by the agent's user only. */
final class StateFolder {
    /** Models of the last rounds and the learning document; more only saves transfers that do not come. */
    private static final int KEPT_BLOBS = 4;

    private final AgentConfiguration configuration;

    private StateFolder(AgentConfiguration configuration) {
        this.configuration = configuration;
    }

    static StateFolder open(AgentConfiguration configuration) throws StartFailure {
        try {
            PrivateFiles.folder(configuration.state());
            PrivateFiles.folder(configuration.identityFolder());
            PrivateFiles.folder(configuration.blobFolder());
            return new StateFolder(configuration);
        } catch (IOException e) {
            throw unusable(configuration.state(), e);
        }
    }

    /** Keeps other agents out until the result is closed; a crash of the process releases it too. */
    AutoCloseable lock() throws StartFailure {
        try {
            FileChannel channel = FileChannel.open(
                    configuration.state().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return channel;
                }
            } catch (OverlappingFileLockException e) {
                // the same answer: this very process holds it
            }
            channel.close();
        } catch (IOException e) {
            throw unusable(configuration.state(), e);
        }
        throw new StartFailure(
                ExitCode.STATE_FOLDER,
                "the state folder " + configuration.state()
                        + " is in use by another agent; stop that one, or give this " + "site its own 'state'");
    }

    IdentityFolder identities() {
        return new IdentityFolder(configuration.identityFolder());
    }

    SiteIdentity identity(InstantSource clock) throws StartFailure {
        SiteIdentity identity;
        try {
            identity = identities().read();
        } catch (NoSuchFileException e) {
            throw new StartFailure(
                    ExitCode.INPUT,
                    "site " + configuration.site()
                            + " is not enrolled; ask the coordinator's operator for a token, then "
                            + "run: parley agent enrol --config FILE --token-file TOKEN");
        } catch (IOException e) {
            throw new StartFailure(ExitCode.STATE_FOLDER, String.valueOf(e.getMessage()));
        }
        if (identity.validUntil().isBefore(clock.instant())) {
            throw new StartFailure(
                    ExitCode.INPUT,
                    "the certificate of site " + configuration.site() + " expired at " + identity.validUntil()
                            + "; enrol again with a new token (parley agent enrol --again)");
        }
        return identity;
    }

    /** The signing key by which other sites know this one; made if it is not there. */
    SiteIdentityKey sumIdentity(SecureRandom random) throws StartFailure {
        try {
            return new SumIdentityFile(configuration.sumIdentityFile()).readOrCreate(random);
        } catch (IOException e) {
            throw new StartFailure(ExitCode.STATE_FOLDER, String.valueOf(e.getMessage()));
        }
    }

    /** The site's own account of what its records have told, if its owner has set a budget. Only under {@link #lock}. */
    Optional<BudgetFile> ledger(InstantSource clock) throws StartFailure {
        if (configuration.rules().budget().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(BudgetFile.open(
                    configuration.budgetFile(), configuration.rules().budget().get(), clock));
        } catch (IOException e) {
            throw new StartFailure(ExitCode.STATE_FOLDER, String.valueOf(e.getMessage()));
        }
    }

    /** Begins a new epoch of the site's membership in its federation's sums. Only under {@link #lock}. */
    SumMembership membership(SecureRandom random) throws StartFailure {
        SiteIdentityKey key = sumIdentity(random);
        try {
            return new SumMembership(
                    configuration.federation(),
                    configuration.site(),
                    key,
                    configuration.rules().floors(),
                    PledgeFile.open(configuration.pledgeFile()),
                    random);
        } catch (IOException e) {
            throw new StartFailure(ExitCode.STATE_FOLDER, String.valueOf(e.getMessage()));
        }
    }

    /** What the site has seen of the coordinator's audit log. */
    LogWitness witness(SecureRandom random, InstantSource clock) throws StartFailure {
        SiteIdentityKey key = sumIdentity(random);
        try {
            return new LogWitness(key, WitnessFile.open(configuration.witnessFile()), clock);
        } catch (IOException e) {
            throw new StartFailure(ExitCode.STATE_FOLDER, String.valueOf(e.getMessage()));
        }
    }

    BlobCache blobs(InstantSource clock) {
        return new BlobCache(configuration.blobFolder(), KEPT_BLOBS, clock);
    }

    static StartFailure unusable(Path folder, IOException cause) {
        return new StartFailure(
                ExitCode.STATE_FOLDER,
                "the state folder " + folder + " cannot be used: "
                        + cause.getClass().getSimpleName() + ": " + cause.getMessage());
    }
}
