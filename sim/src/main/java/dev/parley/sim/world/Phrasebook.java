package dev.parley.sim.world;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What people in one line of work write down. Each list holds wordings of one meaning; a site favours some of them.
 *
 * @param openings first words of a note; {@code #} stands for a number that says nothing of the label
 * @param findings what is looked for because of the condition
 * @param background what is noted for other reasons and says nothing of the label
 * @param negations {@code @} stands for the finding
 * @param strong words before a finding that is marked
 * @param closings last sentence
 * @param abbreviations short forms of single words
 */
record Phrasebook(
        List<String> openings,
        List<Finding> findings,
        List<List<String>> background,
        List<String> negations,
        List<String> strong,
        List<String> closings,
        Map<String, String> abbreviations) {
    private static final Pattern BAR = Pattern.compile("\\s*\\|\\s*");

    Phrasebook {
        openings = List.copyOf(openings);
        findings = List.copyOf(findings);
        background = List.copyOf(background);
        negations = List.copyOf(negations);
        strong = List.copyOf(strong);
        closings = List.copyOf(closings);
        abbreviations = Map.copyOf(abbreviations);
    }

    /**
     * @param evidence index of the evidence that makes it likely
     * @param rarity evidence at which it is found in half the cases
     * @param wordings synonyms
     */
    record Finding(int evidence, double rarity, List<String> wordings) {
        /** One finding a line: evidence, rarity and synonyms, separated by bars. */
        static List<Finding> list(String lines) {
            return rows(lines)
                    .map(row -> new Finding(
                            Integer.parseInt(row.get(0)), Double.parseDouble(row.get(1)), row.subList(2, row.size())))
                    .toList();
        }
    }

    /** Cells separated by bars, one list for each line. */
    static Stream<List<String>> rows(String lines) {
        return lines.lines().map(line -> List.of(BAR.split(line)));
    }

    static List<String> wordings(String line) {
        return List.of(BAR.split(line));
    }

    /** Pairs separated by bars; the short form follows the word after a blank. */
    static Map<String, String> shortForms(String line) {
        Map<String, String> shortForms = new TreeMap<>();
        for (String pair : BAR.split(line)) {
            int blank = pair.indexOf(' ');
            shortForms.put(pair.substring(0, blank), pair.substring(blank + 1));
        }
        return shortForms;
    }
}
