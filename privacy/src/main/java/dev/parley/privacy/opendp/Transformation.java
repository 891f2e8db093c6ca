package dev.parley.privacy.opendp;

import java.lang.foreign.MemorySegment;

/**
 * A function of data with a proof of how far apart its outputs are (its stability). Without noise: its outputs are
 * private.
 */
public final class Transformation extends NativeHandle {
    private final RustType inputType;
    private final RustType inputDistanceType;

    Transformation(OpenDp session, MemorySegment address) {
        super(session, address);
        this.inputType = Abi.type(Abi.TRANSFORMATION_INPUT_CARRIER_TYPE, address);
        this.inputDistanceType = Abi.type(Abi.TRANSFORMATION_INPUT_DISTANCE_TYPE, address);
    }

    /** The type of what it takes. */
    public RustType inputType() {
        return inputType;
    }

    /** The type of distances between what it takes. */
    public RustType inputDistanceType() {
        return inputDistanceType;
    }

    /** Runs it. The result is not private: it may only go on into another transformation or a measurement. */
    public Argument invoke(Argument data) {
        return session().core().transformationInvoke(this, data);
    }

    /** The largest distance between outputs whose inputs are at most so far apart. */
    public Value map(Value distanceIn) {
        return session().core().transformationMap(this, distanceIn).asValue();
    }

    /** This after {@code first}. */
    public Transformation after(Transformation first) {
        return session().combinators().makeChainTt(this, first);
    }

    @Override
    void free(MemorySegment address) {
        Abi.free(Abi.TRANSFORMATION_FREE, address);
    }
}
