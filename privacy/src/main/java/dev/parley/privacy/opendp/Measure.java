package dev.parley.privacy.opendp;

import java.lang.foreign.MemorySegment;

/**
 * How far apart two distributions of outputs may be: the kind of privacy that is promised.
 */
public final class Measure extends NativeHandle {
    private final RustType distanceType;

    Measure(OpenDp session, MemorySegment address) {
        super(session, address);
        this.distanceType = Abi.type(Abi.MEASURE_DISTANCE_TYPE, address);
    }

    /** The type of its distances: {@code f64} for epsilon or rho, {@code (f64, f64)} for epsilon and delta. */
    public RustType distanceType() {
        return distanceType;
    }

    @Override
    void free(MemorySegment address) {
        Abi.free(Abi.MEASURE_FREE, address);
    }
}
