package dev.parley.sim.world;

/**
 * How people at one site write. Which of the synonyms they favour follows from the site's name.
 *
 * @param habit probability of one of the site's two favourite wordings rather than any
 * @param negatives probability that a finding that was looked for and not found is written down
 * @param abbreviations probability that a word with an abbreviation is abbreviated
 * @param typos probability that a longer word has two letters swapped
 */
record WritingStyle(double habit, double negatives, double abbreviations, double typos) {}
