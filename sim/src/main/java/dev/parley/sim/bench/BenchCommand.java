package dev.parley.sim.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parley bench}: measurements with a baseline in the same run. */
@Command(
        name = "bench",
        description = "Measures a part of Parley against a baseline in the same run.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class BenchCommand {
    @Command(
            name = "aggregation",
            mixinStandardHelpOptions = true,
            description = "A site's steps from raw update to bytes, and the coordinator's adding, against memory copy.")
    int aggregation(
            @Option(names = "--parameters", defaultValue = "476000", description = "model size (${DEFAULT-VALUE})")
                    int parameters,
            @Option(names = "--sites", defaultValue = "100", description = "updates in a round (${DEFAULT-VALUE})")
                    int sites,
            @Option(names = "--seed", defaultValue = "1", description = "of the synthetic update (${DEFAULT-VALUE})")
                    long seed,
            @Option(names = "--json", description = "print one JSON object and nothing else") boolean json)
            throws JsonProcessingException {
        AggregationBenchmark.Result result = new AggregationBenchmark(parameters, sites, seed).run();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(result));
            return 0;
        }
        out.printf(
                Locale.ROOT,
                """
                %,d parameters, %,d sites, seed %d; medians of 15 rounds, one thread
                  site: clip, encode, serialise   %9.3f ms   %,d bytes
                  coordinator: add all, decode    %9.3f ms
                  adding                          %9.1f GB/s
                  copying the same bytes          %9.1f GB/s
                  ratio add / copy                %9.2f
                """,
                parameters,
                sites,
                seed,
                result.siteSeconds() * 1e3,
                result.bytesPerSite(),
                result.coordinatorSeconds() * 1e3,
                result.addGigabytesPerSecond(),
                result.copyGigabytesPerSecond(),
                result.ratio());
        return 0;
    }

    @Spec
    private CommandSpec spec;

    /** For picocli, which fills the specification in. */
    public BenchCommand() {
        this.spec = CommandSpec.create();
    }
}
