package dev.parley.privacy.opendp;

import java.lang.foreign.MemorySegment;

/**
 * A function of released values only ({@code Function} in OpenDP): it costs no privacy.
 */
public final class DpFunction extends NativeHandle {

    DpFunction(OpenDp session, MemorySegment address) {
        super(session, address);
    }

    /** Runs it. */
    public Argument eval(Argument data) {
        return session().core().functionEval(this, data, null);
    }

    @Override
    void free(MemorySegment address) {
        Abi.free(Abi.FUNCTION_FREE, address);
    }
}
