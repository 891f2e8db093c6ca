package dev.parley.sim.simulation;

import dev.parley.sim.report.RunReport.RoundEntry;

/** Hears how far a run is. Called from several threads. */
public interface RunListener {
    RunListener NONE = new RunListener() {};

    /** A part of the run begins. */
    default void onStage(String stage) {}

    /**
     * A round of the federation has ended.
     *
     * @param rounds training rounds that there will be
     */
    default void onRound(RoundEntry round, int rounds) {}

    /**
     * Optimiser steps have been done.
     *
     * @param done over the whole run, baselines included
     * @param total expected
     */
    default void onSteps(long done, long total) {}
}
