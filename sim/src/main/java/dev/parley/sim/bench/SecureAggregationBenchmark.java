package dev.parley.sim.bench;

import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.MaskedRing;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContributionWeight;
import dev.parley.privacy.update.EncodedUpdate;
import dev.parley.privacy.update.NoisedUpdate;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RawUpdate;
import dev.parley.privacy.update.RotationSeed;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.UpdateNoise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * What masking costs a site and the coordinator in one round, on one thread, against the least it could cost on the same
 * machine in the same run ({@link MaskingLimits}). What the messages of a session cost beside the vectors is measured with
 * real members ({@link SessionMeasurement}) and given apart, as it does not grow with the vector.
 *
 * @param cohort says how many masks
 * @param parameters length of the vector
 * @param modulus in which it is masked and summed
 */
public record SecureAggregationBenchmark(MaskingCohort cohort, int parameters, RingModulus modulus) {
    private static final int LEAST_REPETITIONS = 3;
    private static final int MOST_REPETITIONS = 15;
    private static final double MEASURED_SECONDS = 12;
    private static final double WARM_UP_SECONDS = 2;

    /** Vectors' worth of work in each measurement of a limit. */
    private static final int LIMIT_VECTORS = 50;

    /** Distinct uploads and seeds; more of either would cost memory and not time. */
    private static final int DISTINCT_UPLOADS = 4;

    private static final int DISTINCT_SEEDS = 4096;

    /** Elements whose values are checked; a multiple of 8 begins and ends with a byte. */
    private static final int CHECKED_ELEMENTS = 64;

    private static final int PIECE_BYTES = 64 << 10;

    public SecureAggregationBenchmark {
        if (parameters < CHECKED_ELEMENTS || parameters > 25_000_000) {
            throw new IllegalArgumentException("--parameters is 64 to 25,000,000, got " + parameters);
        }
    }

    /**
     * Gigabytes of int32 vector per second, one core.
     *
     * @param maskGBps AES-256-CTR expanded and added in cache
     * @param addGBps whole vectors added
     * @param copyGBps whole vectors copied
     */
    public record Limits(double maskGBps, double addGBps, double copyGBps) {}

    /**
     * Core-seconds, medians.
     *
     * @param siteEncode float32 update to ring elements: rotated, scaled, rounded
     * @param siteMaskAndPack all masks of a site, and packing
     * @param coordinatorAddUploads all survivors' packed vectors, in pieces of 64 KiB
     * @param coordinatorTakeOffMasks expanded and added onto the sum
     */
    public record Phases(
            double siteEncode, double siteMaskAndPack, double coordinatorAddUploads, double coordinatorTakeOffMasks) {}

    /**
     * Medians over {@code repetitions}; seconds are of one core ({@link CoreClock}).
     *
     * @param siteSeconds mask and pack one encoded vector
     * @param coordinatorSeconds add the survivors' uploads and take the masks off
     * @param bytesPerSite the masked vector as it is sent; keys and shares are not in it
     * @param expansion {@code bytesPerSite} over the vector's bits
     * @param ratioSite {@code siteSeconds} over as many masks at the limit
     * @param ratioCoordinator {@code coordinatorSeconds} over as many masks and vector additions at the limits
     * @param coordinatorHeapBytes peak above idle while uploads stream from files into a sum
     */
    public record Result(
            int sites,
            int lost,
            int degree,
            int parameters,
            int bits,
            int masksAtSite,
            long masksAtCoordinator,
            int repetitions,
            double siteSeconds,
            double coordinatorSeconds,
            long bytesPerSite,
            double expansion,
            double ratioSite,
            double ratioCoordinator,
            long coordinatorHeapBytes,
            Limits limits,
            Phases phases,
            SessionMeasurement.Result session) {}

    public Result run() throws IOException {
        Inputs inputs = Inputs.draw(this);
        MaskingLimits limits = new MaskingLimits(parameters);
        warmUp(inputs, limits);
        List<Sample> samples = new ArrayList<>();
        long start = System.nanoTime();
        while (samples.size() < LEAST_REPETITIONS
                || (samples.size() < MOST_REPETITIONS && secondsSince(start) < MEASURED_SECONDS)) {
            samples.add(sample(inputs, limits, cohort.masksAtCoordinator(), cohort.survivors()));
        }
        if (limits.digest() == 0) {
            throw new IllegalStateException("the limits' loops have been removed by the compiler");
        }
        long heapBytes = StreamedUploadsHeap.peakBytes(inputs.uploads(), parameters, modulus, cohort.survivors());
        SessionMeasurement.Result session = new SessionMeasurement(cohort.sites(), cohort.lost(), cohort.terms()).run();
        return result(samples, inputs.uploads().getFirst().length, heapBytes, session);
    }

    private Result result(List<Sample> samples, int bytesPerSite, long heapBytes, SessionMeasurement.Result session) {
        double gigabytes = 4e-9 * parameters;
        Limits limits = new Limits(
                gigabytes / median(samples.stream().mapToDouble(Sample::maskSeconds)),
                gigabytes / median(samples.stream().mapToDouble(Sample::addSeconds)),
                gigabytes / median(samples.stream().mapToDouble(Sample::copySeconds)));
        Phases phases = new Phases(
                median(samples.stream().mapToDouble(Sample::encodeSeconds)),
                median(samples.stream().mapToDouble(Sample::siteSeconds)),
                median(samples.stream().mapToDouble(Sample::uploadsSeconds)),
                median(samples.stream().mapToDouble(Sample::takeOffSeconds)));
        double coordinator = median(samples.stream().mapToDouble(s -> s.uploadsSeconds() + s.takeOffSeconds()));
        double siteLimit = cohort.masksAtSite() * gigabytes / limits.maskGBps();
        double coordinatorLimit = cohort.masksAtCoordinator() * gigabytes / limits.maskGBps()
                + cohort.survivors() * gigabytes / limits.addGBps();
        return new Result(
                cohort.sites(),
                cohort.lost(),
                cohort.degree(),
                parameters,
                modulus.bits(),
                cohort.masksAtSite(),
                cohort.masksAtCoordinator(),
                samples.size(),
                phases.siteMaskAndPack(),
                coordinator,
                bytesPerSite,
                bytesPerSite / (parameters * (modulus.bits() / 8.0)),
                phases.siteMaskAndPack() / siteLimit,
                coordinator / coordinatorLimit,
                heapBytes,
                limits,
                phases,
                session);
    }

    /** Seconds of each part, measured one right after the other; the limits' for one vector. */
    private record Sample(
            double encodeSeconds,
            double siteSeconds,
            double uploadsSeconds,
            double takeOffSeconds,
            double maskSeconds,
            double addSeconds,
            double copySeconds) {}

    private void warmUp(Inputs inputs, MaskingLimits limits) {
        long start = System.nanoTime();
        while (secondsSince(start) < WARM_UP_SECONDS) {
            sample(inputs, limits, Math.min(cohort.masksAtCoordinator(), 100), Math.min(cohort.survivors(), 100));
        }
    }

    private Sample sample(Inputs inputs, MaskingLimits limits, long masks, int uploads) {
        double mask = limits.maskSeconds(LIMIT_VECTORS) / LIMIT_VECTORS;
        double encode = encodeSeconds();
        double site = siteSeconds(inputs);
        RingSum sum = new RingSum(parameters, modulus);
        long start = CoreClock.nanos();
        inputs.addUploads(sum, uploads);
        double adding = CoreClock.secondsSince(start);
        start = CoreClock.nanos();
        inputs.takeOff(sum, masks);
        double takingOff = CoreClock.secondsSince(start);
        check(inputs, sum, masks, uploads);
        double add = limits.addSeconds(LIMIT_VECTORS) / LIMIT_VECTORS;
        double copy = limits.copySeconds(LIMIT_VECTORS) / LIMIT_VECTORS;
        return new Sample(encode, site, adding, takingOff, mask, add, copy);
    }

    private double encodeSeconds() {
        ParameterLayout layout = ParameterLayout.of(List.of(Block.of("weight", parameters)));
        float[] values = new float[parameters];
        for (int i = 0; i < parameters; i++) {
            values[i] = (i % 1001 - 500) * 1e-6f;
        }
        NoisedUpdate update = RawUpdate.between(
                        ParameterVector.zeros(layout), ParameterVector.of(layout, values), new ContributionWeight(1))
                .clip(new ClipNorm(1))
                .noise(new UpdateNoise.None(), NoiseSource.keyedFrom(new SecureRandom()));
        // A plan's encoding is made once for a round.
        UpdateEncoding encoding = new UpdateEncoding(
                parameters, new ClipNorm(1), cohort.sites(), modulus, RotationSeed.ofRound("bench", 1, 0, 0));
        SecretSeed rounding = SecretSeed.random(new SecureRandom());
        long start = CoreClock.nanos();
        EncodedUpdate encoded = update.encode(encoding, rounding);
        double seconds = CoreClock.secondsSince(start);
        if (encoded.toString().isEmpty()) {
            throw new IllegalStateException("an update was not encoded");
        }
        return seconds;
    }

    private double siteSeconds(Inputs inputs) {
        EncodedRing encoded = EncodedRing.adopting(inputs.encoded().clone(), modulus);
        List<MaskTerm> terms = inputs.siteTerms();
        OneTimeMask mask = OneTimeMask.of(terms.getFirst().seed(), terms.subList(1, terms.size()));
        long start = CoreClock.nanos();
        MaskedRing masked = encoded.mask(mask);
        double seconds = CoreClock.secondsSince(start);
        if (masked.toBytes().length != inputs.uploads().getFirst().length) {
            throw new IllegalStateException("the benchmark's own arithmetic is wrong");
        }
        return seconds;
    }

    /** The first elements, by a sum that has no others. */
    private void check(Inputs inputs, RingSum sum, long masks, int uploads) {
        RingSum few = new RingSum(CHECKED_ELEMENTS, modulus);
        for (int i = 0; i < uploads; i++) {
            RingSum.Addition addition = few.begin();
            addition.feed(ByteBuffer.wrap(inputs.upload(i), 0, few.contributionSizeBytes()));
            addition.finish();
        }
        inputs.takeOff(few, masks);
        if (!Arrays.equals(few.centred(), Arrays.copyOf(sum.centred(), CHECKED_ELEMENTS))) {
            throw new IllegalStateException("the benchmark's own arithmetic is wrong");
        }
    }

    /**
     * What is masked, added and taken off.
     *
     * @param encoded one site's vector
     * @param uploads distinct masked vectors, of which the coordinator gets many
     * @param siteTerms of one site
     * @param terms distinct ones, of which the coordinator takes off many
     */
    private record Inputs(int[] encoded, List<byte[]> uploads, List<MaskTerm> siteTerms, List<MaskTerm> terms) {
        static Inputs draw(SecureAggregationBenchmark of) {
            SecureRandom random = new SecureRandom();
            int[] encoded = new int[of.parameters];
            Arrays.setAll(encoded, i -> i % 1001 - 500);
            List<byte[]> uploads = new ArrayList<>();
            for (int i = 0; i < DISTINCT_UPLOADS; i++) {
                OneTimeMask mask = OneTimeMask.of(SecretSeed.random(random), drawTerms(1, random));
                uploads.add(EncodedRing.adopting(encoded.clone(), of.modulus)
                        .mask(mask)
                        .toBytes());
            }
            return new Inputs(
                    encoded,
                    uploads,
                    drawTerms(of.cohort.masksAtSite(), random),
                    drawTerms((int) Math.min(of.cohort.masksAtCoordinator(), DISTINCT_SEEDS), random));
        }

        private static List<MaskTerm> drawTerms(int count, SecureRandom random) {
            List<MaskTerm> terms = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                terms.add(new MaskTerm(SecretSeed.random(random), random.nextBoolean()));
            }
            return terms;
        }

        byte[] upload(int i) {
            return uploads.get(i % uploads.size());
        }

        void addUploads(RingSum sum, int count) {
            for (int i = 0; i < count; i++) {
                byte[] upload = upload(i);
                RingSum.Addition addition = sum.begin();
                for (int at = 0; at < upload.length; at += PIECE_BYTES) {
                    addition.feed(ByteBuffer.wrap(upload, at, Math.min(PIECE_BYTES, upload.length - at)));
                }
                addition.finish();
            }
        }

        void takeOff(RingSum sum, long count) {
            for (long left = count; left > 0; left -= terms.size()) {
                sum.addMasks(terms.subList(0, (int) Math.min(left, terms.size())), 1);
            }
        }
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
