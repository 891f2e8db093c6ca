package dev.parley.privacy.opendp;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One session with the OpenDP library: says which {@link Feature}s its user accepts, and owns every native object made
 * in it.
 *
 * <p>May be used from several threads at once. {@link #close} frees what is still open, so one try-with-resources
 * around a computation is enough; closing single objects earlier is needed only where many are made.
 *
 * <pre>{@code
 * try (OpenDp dp = OpenDp.open(library, Feature.CONTRIB)) {
 *     Measurement count = dp.measurements().makeLaplace(...);
 * }
 * }</pre>
 */
public final class OpenDp implements AutoCloseable {
    private final Set<Feature> features;
    private final Set<NativeHandle> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private final Accuracy accuracy = new Accuracy(this);
    private final Combinators combinators = new Combinators(this);
    private final Core core = new Core(this);
    private final Data data = new Data(this);
    private final Domains domains = new Domains(this);
    private final Measurements measurements = new Measurements(this);
    private final Measures measures = new Measures(this);
    private final Metrics metrics = new Metrics(this);
    private final Transformations transformations = new Transformations(this);

    private OpenDp(Set<Feature> features) {
        this.features = features;
    }

    /**
     * Opens a session. The library is loaded once for the whole process and stays.
     *
     * @throws IllegalStateException if another file was loaded before, or this one lacks a function of version
     *     {@value OpenDpLibrary#VERSION}
     */
    public static OpenDp open(OpenDpLibrary.Present library, Feature... accepted) {
        NativeLibrary.load(library);
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        features.addAll(Set.of(accepted));
        return new OpenDp(features);
    }

    /** Conversions between noise scales and the half widths of confidence intervals. */
    public Accuracy accuracy() {
        return accuracy;
    }

    /** Chaining, composition, changes of measure, odometers and filters. */
    public Combinators combinators() {
        return combinators;
    }

    /** Running things and asking for their maps and parts. */
    public Core core() {
        return core;
    }

    /** Privacy profiles, read at an epsilon or a delta. */
    public Data data() {
        return data;
    }

    /** Sets of values. */
    public Domains domains() {
        return domains;
    }

    /** Mechanisms. */
    public Measurements measurements() {
        return measurements;
    }

    /** Kinds of privacy loss. */
    public Measures measures() {
        return measures;
    }

    /** Distances between values. */
    public Metrics metrics() {
        return metrics;
    }

    /** Deterministic functions with stability proofs. */
    public Transformations transformations() {
        return transformations;
    }

    /** Native objects that this session owns and has not freed. */
    public int openObjects() {
        return open.size();
    }

    /** Frees every object that is still open; one that a call is using is freed when that call ends. */
    @Override
    public void close() {
        closed = true;
        open.forEach(NativeHandle::close);
    }

    void require(String function, Feature... needed) {
        if (closed) {
            throw new IllegalStateException("OpenDP's " + function + " was called in a session that is closed");
        }
        for (Feature feature : needed) {
            if (!features.contains(feature)) {
                throw new FeatureDisabledException(function, feature);
            }
        }
    }

    void own(NativeHandle handle) {
        open.add(handle);
    }

    /** What was made while the session was being closed is not left behind. */
    <T extends NativeHandle> T kept(T handle) {
        if (closed) {
            handle.close();
            throw new IllegalStateException("the session was closed while one of its calls made an object");
        }
        return handle;
    }

    void disown(NativeHandle handle) {
        open.remove(handle);
    }
}
