package dev.parley.sim.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.sim.attack.CanaryAudit;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code parley privacy audit}: attacks private training and says what the attack proves. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description =
                "Trains once with invented records, each there or not by a fair coin, guesses which were, and prints"
                        + " the epsilon that the right guesses prove beside the one that is claimed. Exit code 1 if the claim is refuted"
                        + " although there was noise, or is not although there was none.")
final class AuditCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--canaries", description = "Invented records whose coins are thrown (${DEFAULT-VALUE}).")
    private int canaries = 1000;

    @Option(names = "--guesses", description = "Of how many to guess; decided before the run (${DEFAULT-VALUE}).")
    private int guesses = 300;

    @Option(names = "--epsilon", description = "What the noise is calculated for (${DEFAULT-VALUE}).")
    private double epsilon = 3;

    @Option(names = "--delta", description = "Probability that the promise may fail (${DEFAULT-VALUE}).")
    private double delta = 1e-5;

    /** Named as they are typed. */
    enum Noise {
        on,
        off
    }

    @Option(names = "--noise", description = "off: the audit must refute the claim (${DEFAULT-VALUE}).")
    private Noise noise = Noise.on;

    @Option(names = "--seed", description = "Of the coins and the run (${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        CanaryAudit.Result result;
        try {
            result = new CanaryAudit(new CanaryAudit.Settings(
                            canaries, guesses, new Epsilon(epsilon), new Delta(delta), noise == Noise.on, seed))
                    .run();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        System.out.print(json ? json(result) : text(result));
        return result.refuted() == (noise == Noise.on) ? 1 : 0;
    }

    private String json(CanaryAudit.Result result) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("claimed", result.claimed().value());
        fields.put("least", result.least().value());
        fields.put("refuted", result.refuted());
        fields.put("noise", noise.name());
        fields.put("canaries", result.audit().canaries());
        fields.put("guesses", result.audit().guesses());
        fields.put("correct", result.audit().correct());
        fields.put("delta", delta);
        fields.put("seed", seed);
        return new ObjectMapper().writeValueAsString(fields) + "\n";
    }

    private String text(CanaryAudit.Result result) {
        return String.format(
                Locale.ROOT,
                """
                epsilon claimed     %.3f at delta %s%s
                epsilon at least    %.3f by this attack, with 95 %% confidence
                right guesses       %d of %d, about %d canaries

                %s
                """,
                result.claimed().value(),
                delta,
                noise == Noise.on ? "" : "   (the noise was switched off)",
                result.least().value(),
                result.audit().correct(),
                result.audit().guesses(),
                result.audit().canaries(),
                verdict(result));
    }

    private String verdict(CanaryAudit.Result result) {
        if (!result.refuted() && noise == Noise.off) {
            return "The noise was off and the attack did not see it: take more canaries or guesses, or a smaller epsilon.";
        }
        if (!result.refuted()) {
            return "The attack does not contradict the claim. It does not prove it either: that is what the accountant is for.";
        }
        return noise == Noise.off
                ? "Without noise the claim is false, and the attack shows it."
                : "The claim is refuted: there is less noise, or more of a record in a step, than is accounted.";
    }
}
