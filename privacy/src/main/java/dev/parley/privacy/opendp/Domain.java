package dev.parley.privacy.opendp;

import java.lang.foreign.MemorySegment;

/**
 * The set of values that a function takes or gives, such as vectors of numbers in [0, 1].
 */
public final class Domain extends NativeHandle {
    private final RustType carrierType;

    Domain(OpenDp session, MemorySegment address) {
        super(session, address);
        this.carrierType = Abi.type(Abi.DOMAIN_CARRIER_TYPE, address);
    }

    /** The type of its members, such as {@code Vec<f64>}. */
    public RustType carrierType() {
        return carrierType;
    }

    @Override
    void free(MemorySegment address) {
        Abi.free(Abi.DOMAIN_FREE, address);
    }
}
