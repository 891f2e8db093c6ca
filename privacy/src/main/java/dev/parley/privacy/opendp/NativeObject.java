package dev.parley.privacy.opendp;

import java.lang.foreign.MemorySegment;

/**
 * Data that only the library can read: a queryable, an odometer's queryable, a privacy profile.
 *
 * <p>OpenDP's queryables count references without atomics, and a queryable that came out of another shares its state.
 * So all work on objects of this kind, freeing included, runs under one lock of the process ({@link Call}).
 */
public final class NativeObject extends NativeHandle implements Argument {
    private final RustType type;

    NativeObject(OpenDp session, MemorySegment address, RustType type) {
        super(session, address);
        this.type = type;
    }

    /** What it is, such as {@code AnyQueryable}. */
    public RustType type() {
        return type;
    }

    @Override
    void free(MemorySegment address) {
        Call.QUERYABLES.lock();
        try {
            Abi.free(Abi.OBJECT_FREE, address);
        } finally {
            Call.QUERYABLES.unlock();
        }
    }
}
