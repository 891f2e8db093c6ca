/**
 * What is left of a simulated run: report.json for programs, report.html for people, rounds.csv for a spreadsheet, a
 * table for the terminal. Pure functions of one {@link dev.parley.sim.report.RunReport}.
 *
 * <p>What may not enter: computing a result. A number is computed where it is known; here are only differences and
 * means of what is shown. No network, no clock, no script in the page.
 */
@NullMarked
package dev.parley.sim.report;

import org.jspecify.annotations.NullMarked;
