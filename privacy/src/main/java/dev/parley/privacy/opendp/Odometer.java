package dev.parley.privacy.opendp;

import java.lang.foreign.MemorySegment;

/**
 * A measurement whose output is a queryable that counts the privacy loss of what it has been asked so far.
 */
public final class Odometer extends NativeHandle {
    private final RustType inputType;

    Odometer(OpenDp session, MemorySegment address) {
        super(session, address);
        this.inputType = Abi.type(Abi.ODOMETER_INPUT_CARRIER_TYPE, address);
    }

    /** The type of what it takes. */
    public RustType inputType() {
        return inputType;
    }

    @Override
    void free(MemorySegment address) {
        Abi.free(Abi.ODOMETER_FREE, address);
    }
}
