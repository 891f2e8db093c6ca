package dev.parley.server;

import dev.parley.policies.PolicySet;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.rule.PolicyEngine;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.ReleasedVersion;
import dev.parley.server.configuration.CoordinatorConfiguration;
import dev.parley.server.configuration.FederationConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The files that a federation starts from, read and checked before anything is opened.
 *
 * @param model the initial one, every value finite
 * @param learning the learning document, which the coordinator does not understand
 * @param policies type-checked
 */
record FederationMaterial(ParameterVector model, byte[] learning, PolicyEngine policies) {
    /** A learning document describes a model in words and numbers; a larger file is a mistake. */
    private static final long MAX_LEARNING_BYTES = 1 << 20;

    private static final long MAX_MODEL_BYTES = 1L << 30;

    static FederationMaterial read(CoordinatorConfiguration configuration) throws StartFailure {
        byte[] modelBytes = bytes("initial model", configuration.model(), MAX_MODEL_BYTES);
        ParameterVector model;
        try {
            model = Safetensors.read(modelBytes);
        } catch (Safetensors.MalformedSafetensorsException e) {
            throw input("the initial model " + configuration.model() + " is " + e.getMessage());
        }
        if (model.size() == 0) {
            throw input("the initial model " + configuration.model() + " holds no parameters");
        }
        if (model.firstNonFinite() >= 0) {
            throw input("the initial model " + configuration.model() + " holds NaN or an infinity at value "
                    + model.firstNonFinite());
        }
        byte[] learning = bytes("learning document", configuration.learning(), MAX_LEARNING_BYTES);
        return new FederationMaterial(model, learning, policies(configuration));
    }

    /** The initial model as plans name it. */
    ReleasedVersion initial() {
        return ReleasedVersion.of(model);
    }

    ContentHash learningHash() {
        return ContentHash.of(learning);
    }

    /** What the rounds are run by. */
    FederationSpec specification(FederationConfiguration federation) {
        return federation.specification(learningHash(), new ContentHash(policies.hash()));
    }

    private static PolicyEngine policies(CoordinatorConfiguration configuration) throws StartFailure {
        try {
            return PolicyEngine.load(
                    configuration.policies().map(PolicySet::load).orElseGet(PolicySet::empty));
        } catch (RefusedException e) {
            throw new StartFailure(
                    ExitCode.INPUT,
                    "the policies below "
                            + configuration.policies().map(Path::toString).orElse("")
                            + " are refused, " + e.problems().size()
                            + (e.problems().size() == 1 ? " problem" : " problems")
                            + "; see above, and ./parley policy check",
                    String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            throw input("policies: " + e.getMessage());
        }
    }

    private static byte[] bytes(String what, Path file, long mostBytes) throws StartFailure {
        try {
            long size = Files.size(file);
            if (size < 1 || size > mostBytes) {
                throw input("the " + what + " " + file + " has " + size + " bytes, expected 1 to " + mostBytes);
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw input("the " + what + " " + file + " does not exist");
        } catch (IOException e) {
            throw input("the " + what + " " + file + " cannot be read: "
                    + e.getClass().getSimpleName());
        }
    }

    private static StartFailure input(String message) {
        return new StartFailure(ExitCode.INPUT, message);
    }
}
