package dev.parley.privacy.opendp;

import java.lang.foreign.MemorySegment;

/**
 * A randomised function of data with a proof of how private its output is.
 *
 * <p>Each {@link #invoke} is one release and costs what {@link #map} says; nothing here counts them.
 */
public final class Measurement extends NativeHandle implements Argument {
    private final RustType inputType;
    private final RustType inputDistanceType;
    private final boolean filter;

    Measurement(OpenDp session, MemorySegment address, boolean filter) {
        super(session, address);
        this.filter = filter;
        this.inputType = Abi.type(Abi.MEASUREMENT_INPUT_CARRIER_TYPE, address);
        this.inputDistanceType = Abi.type(Abi.MEASUREMENT_INPUT_DISTANCE_TYPE, address);
    }

    /** Whether a privacy filter answers. */
    boolean isFilter() {
        return filter;
    }

    /** The type of what it takes. */
    public RustType inputType() {
        return inputType;
    }

    /** The type of distances between what it takes. */
    public RustType inputDistanceType() {
        return inputDistanceType;
    }

    /** Draws one release. */
    public Argument invoke(Argument data) {
        return session().core().measurementInvoke(this, data);
    }

    /** The privacy loss of one release, for inputs at most so far apart. */
    public Argument map(Value distanceIn) {
        return session().core().measurementMap(this, distanceIn);
    }

    /** This on what {@code first} makes of data. */
    public Measurement after(Transformation first) {
        return session().combinators().makeChainMt(this, first);
    }

    @Override
    void free(MemorySegment address) {
        Abi.free(Abi.MEASUREMENT_FREE, address);
    }
}
