package dev.parley.agent;

import dev.parley.agent.configuration.AgentConfiguration;
import dev.parley.agent.identity.SumIdentityFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What leaves the site and what does not, for the person who answers for its records. */
final class Explanation {
    private Explanation() {}

    static List<String> of(AgentConfiguration configuration) {
        List<String> lines = new ArrayList<>();
        lines.add("Site " + configuration.site() + " in federation " + configuration.federation() + ", purpose "
                + configuration.purpose() + ".");
        lines.add("This agent calls " + configuration.coordinator()
                + " and accepts no calls. It trusts one authority, pinned when the site enrolled.");
        lines.add("");
        lines.add("What leaves this site:");
        lines.add("  - in each round that the rules below allow: one vector of numbers, the change that local training"
                + " made to the model, cut to the plan's clip norm, together with how much it weighs (records used, up to"
                + " the plan's cap); in a statistics round, means and spreads of measurements in place of a change;");
        lines.add("  - after a round: counts over held-out records (how many, how often right, how sure), no record by"
                + " itself;");
        lines.add(
                "    both are masked before they leave: the coordinator can read their sum over the round's sites, or over"
                        + " a group of them, and nothing of this site alone. Unless training is private, the sum carries no"
                        + " noise: with few sites it says much about each;");
        lines.add("  - public keys, and encrypted shares for the other sites, which make that possible; at the end of a"
                + " round its signature under the list of sites that are in the sum, and the shares that take the masks"
                + " off that sum;");
        lines.add("  - which round it accepts or refuses and by which rule, how far training is, and heartbeats;");
        lines.add("  - the site's name, its certificate, and its network address.");
        lines.add("");
        lines.add("What never leaves this site:");
        lines.add("  - records, images, notes, measurements, labels, subjects' pseudonyms, file names;");
        lines.add("  - training loss and other facts about single records;");
        lines.add("  - the site's private keys, in " + configuration.identityFolder() + ";");
        lines.add("  - anything of a record whose consent is withdrawn or does not name '" + configuration.purpose()
                + "': it is not used at all.");
        lines.add("");
        lines.add(identity(configuration));
        lines.add("");
        lines.add("The owner's rules, in " + "the 'rules' block of the configuration:");
        configuration.rules().inPlainWords().forEach(sentence -> lines.add("  - " + sentence));
        return List.copyOf(lines);
    }

    /** What the owners of other sites list to know this one. */
    private static String identity(AgentConfiguration configuration) {
        try {
            return new SumIdentityFile(configuration.sumIdentityFile())
                    .read()
                    .map(key -> "Other sites know this one by the fingerprint "
                            + key.identity().fingerprint() + "; their owners can list it under 'trusted-sites'.")
                    .orElse(
                            "Other sites will know this one by a fingerprint, which is made when it enrols or first runs.");
        } catch (IOException e) {
            return "The key by which other sites know this one cannot be read: " + e.getMessage();
        }
    }
}
