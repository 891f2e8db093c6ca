package dev.parley.sim.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** As many threads as cores, each training one site at a time. Results do not depend on how many there are. */
public class Workers implements AutoCloseable {
    private final ExecutorService threads;
    private final int count;

    public Workers(int count) {
        this.count = count;
        this.threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "site");
            thread.setDaemon(true); // an interrupted run ends without waiting for a step
            return thread;
        });
    }

    int threads() {
        return count;
    }

    /** Results in the order of the tasks. The first failure ends the call; what has not begun is not run. */
    <T> List<T> all(List<? extends Callable<T>> tasks) throws SimulationException, InterruptedException {
        List<Future<T>> futures = new ArrayList<>();
        for (Callable<T> task : tasks) {
            futures.add(threads.submit(task));
        }
        List<T> results = new ArrayList<>();
        try {
            for (Future<T> future : futures) {
                results.add(get(future));
            }
            return results;
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
    }

    /** For tasks whose results are taken as they come. */
    <T> CompletionService<T> completion() {
        return new ExecutorCompletionService<>(threads);
    }

    static <T> T get(Future<T> done) throws SimulationException, InterruptedException {
        try {
            return done.get();
        } catch (ExecutionException e) {
            throw new SimulationException("a site's work broke: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
