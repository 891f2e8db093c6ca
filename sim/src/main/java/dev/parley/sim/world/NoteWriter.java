package dev.parley.sim.world;

import dev.parley.sim.world.Phrasebook.Finding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * Writes notes as one site does: its favourite synonyms and negations, its order, abbreviations and slips. The
 * favourites follow from the site's name alone, so that a site writes alike under every seed, and a reader who has seen
 * one site only has seen a part of the vocabulary.
 */
final class NoteWriter {
    private static final Pattern BLANK = Pattern.compile(" ");
    /** Probability that a finding is looked for at all. */
    private static final double EXAMINED = 0.85;
    /** Probability that each matter of the background is mentioned. */
    private static final double MENTIONED = 0.25;
    /** Evidence above which a finding is called marked, as often as not. */
    private static final double MARKED = 1.5;
    /** Share of the first of two favourites. */
    private static final double FIRST = 0.65;
    /** Words shorter than this have no slips. */
    private static final int SHORT = 5;

    private final Phrasebook book;
    private final WritingStyle style;
    private final double sharpness;
    private final RandomStreams habits;
    private final boolean backgroundFirst;
    private final String separator;

    /** @param sharpness how steeply the probability of a finding rises with its evidence */
    NoteWriter(Phrasebook book, double sharpness, WritingStyle style, String site) {
        this.book = book;
        this.style = style;
        this.sharpness = sharpness;
        this.habits = RandomStreams.of(0).at("habits of " + site);
        SplittableRandom random = habits.random("layout");
        List<String> separators = List.of(". ", ", ", "; ", " - ");
        this.backgroundFirst = random.nextBoolean();
        this.separator = separators.get(random.nextInt(separators.size()));
    }

    /** Whether each finding of the book is there, examined or not. */
    boolean[] findings(double[] evidence, SplittableRandom random) {
        boolean[] found = new boolean[book.findings().size()];
        for (int i = 0; i < found.length; i++) {
            Finding finding = book.findings().get(i);
            double logit = sharpness * (evidence[finding.evidence()] - finding.rarity());
            found[i] = random.nextDouble() < 1 / (1 + StrictMath.exp(-logit));
        }
        return found;
    }

    String write(double[] evidence, SplittableRandom random) {
        boolean[] found = findings(evidence, random);
        List<String> body = new ArrayList<>();
        for (int i = 0; i < found.length; i++) {
            Finding finding = book.findings().get(i);
            if (random.nextDouble() < EXAMINED && (found[i] || random.nextDouble() < style.negatives())) {
                boolean marked = evidence[finding.evidence()] > MARKED && random.nextBoolean();
                body.add(sentence(finding.wordings(), found[i], marked, random));
            }
        }
        Collections.shuffle(body, random);
        List<String> background = new ArrayList<>();
        for (List<String> wordings : book.background()) {
            if (random.nextDouble() < MENTIONED) {
                background.add(favourite(wordings, random));
            }
        }
        body.addAll(backgroundFirst ? 0 : body.size(), background);
        body.add(favourite(book.closings(), random));
        String opening = favourite(book.openings(), random).replace("#", Integer.toString(random.nextInt(31, 94)));
        return slips(opening + " " + String.join(separator, body) + ".", random);
    }

    private String sentence(List<String> wordings, boolean found, boolean marked, SplittableRandom random) {
        String wording = favourite(wordings, random);
        if (!found) {
            return favourite(book.negations(), random).replace("@", wording);
        }
        return marked ? favourite(book.strong(), random) + " " + wording : wording;
    }

    /** One of the site's two favourites, by habit; otherwise any. */
    private String favourite(List<String> wordings, SplittableRandom random) {
        if (random.nextDouble() >= style.habit()) {
            return wordings.get(random.nextInt(wordings.size()));
        }
        SplittableRandom habit = habits.random(wordings.getFirst());
        String first = wordings.get(habit.nextInt(wordings.size()));
        String second = wordings.get(habit.nextInt(wordings.size()));
        return random.nextDouble() < FIRST ? first : second;
    }

    private String slips(String text, SplittableRandom random) {
        StringBuilder written = new StringBuilder();
        for (String word : BLANK.split(text)) {
            String form = random.nextDouble() < style.abbreviations()
                    ? book.abbreviations().getOrDefault(word, word)
                    : word;
            boolean slip = form.length() >= SHORT && random.nextDouble() < style.typos();
            written.append(written.isEmpty() ? "" : " ").append(slip ? swapped(form, random) : form);
        }
        return written.toString();
    }

    /** Two neighbouring letters inside the word change places. */
    private static String swapped(String word, SplittableRandom random) {
        int at = random.nextInt(1, word.length() - 2);
        return word.substring(0, at) + word.charAt(at + 1) + word.charAt(at) + word.substring(at + 2);
    }
}
