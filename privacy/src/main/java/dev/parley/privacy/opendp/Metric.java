package dev.parley.privacy.opendp;

import java.lang.foreign.MemorySegment;

/**
 * How far apart two values are; for datasets, how many records differ.
 */
public final class Metric extends NativeHandle {
    private final RustType distanceType;

    Metric(OpenDp session, MemorySegment address) {
        super(session, address);
        this.distanceType = Abi.type(Abi.METRIC_DISTANCE_TYPE, address);
    }

    /** The type of its distances, such as {@code u32} for the symmetric distance of datasets. */
    public RustType distanceType() {
        return distanceType;
    }

    @Override
    void free(MemorySegment address) {
        Abi.free(Abi.METRIC_FREE, address);
    }
}
