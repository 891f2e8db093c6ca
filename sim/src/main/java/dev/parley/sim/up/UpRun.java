package dev.parley.sim.up;

import dev.parley.privacy.update.ContentHash;
import dev.parley.server.registry.BlobFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** One run with real processes, from start to the last released model; whatever happens, no process is left behind. */
final class UpRun {
    private static final Duration PACE = Duration.ofMillis(250);

    private final RunFolder folder;
    private final Preparation preparation;
    private final JavaProgram java;
    private final Screen screen;

    UpRun(RunFolder folder, Preparation preparation, JavaProgram java, Screen screen) {
        this.folder = folder;
        this.preparation = preparation;
        this.java = java;
        this.screen = screen;
    }

    /**
     * What a completed federation leaves.
     *
     * @param model safetensors of the last released model
     */
    record Completed(byte[] model, LiveStatus status) {}

    /**
     * Runs to the end. Interruption by a signal ends the processes too: the shutdown hook sees to it.
     *
     * @throws UpException if a process does not start or the federation does not complete
     */
    Completed run() throws UpException, InterruptedException {
        ProcessFederation federation = new ProcessFederation(folder, preparation, java);
        Thread hook = new Thread(federation::close, "up-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            screen.say("starting a coordinator and " + preparation.manifests().size()
                    + " agents as processes; their logs are in " + folder.root());
            federation.start();
            federation.console().ifPresent(link -> screen.say("console, in a browser while it runs: " + link));
            while (!federation.awaitEnd(PACE)) {
                show(federation);
            }
            show(federation);
            federation.awaitFarewell();
            return completed(federation);
        } catch (IOException e) {
            throw new UpException("the run folder " + folder.root() + " cannot be used: " + e.getMessage(), e);
        } finally {
            federation.close();
            removeHook(hook);
        }
    }

    private void show(ProcessFederation federation) throws IOException {
        federation.status().ifPresent(status -> screen.show(status, federation));
    }

    private Completed completed(ProcessFederation federation) throws UpException, IOException {
        Optional<LiveStatus> status = federation.status();
        if (status.isEmpty() || !status.get().completed()) {
            throw new UpException("the federation did not complete: "
                    + status.flatMap(LiveStatus::outcome).orElse("the coordinator ended before it")
                    + "; the coordinator's log is " + folder.coordinatorLog());
        }
        ContentHash model = new ContentHash(status.get().model());
        Optional<byte[]> bytes = new BlobFolder(folder.blobs()).read(model);
        if (bytes.isEmpty()) {
            throw new UpException("the last model " + model.abbreviated() + "... is not in " + folder.blobs());
        }
        return new Completed(bytes.get(), status.get());
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The machine is shutting down: the hook is what is running.
        }
    }
}
