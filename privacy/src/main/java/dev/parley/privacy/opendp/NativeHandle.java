package dev.parley.privacy.opendp;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An object in the library's memory, owned by the session that made it.
 *
 * <p><b>Guarantees</b>: it is freed exactly once, at {@link #close} or when its session closes, whichever comes first;
 * if another thread is just then in a call that uses it, at the end of that call. After closing, any use throws. The
 * library clones what it keeps, so an object may be closed while others made from it live on.
 *
 * <p>A count of users and a closed bit share one integer: users enter by adding 2 while the bit is clear, and whoever
 * brings it to "closed, nobody inside" frees. A shared arena would give the same promise, at a handshake of all threads
 * for each close; objects here live for microseconds.
 */
public abstract sealed class NativeHandle implements AutoCloseable
        permits Domain, Metric, Measure, Transformation, Measurement, Odometer, DpFunction, NativeObject {
    private static final int CLOSED = 1;
    private static final int USER = 2;

    private final OpenDp session;
    private final MemorySegment address;
    private final AtomicInteger state = new AtomicInteger();

    NativeHandle(OpenDp session, MemorySegment address) {
        this.session = session;
        this.address = address;
        session.own(this);
    }

    /** The session that owns this. */
    OpenDp session() {
        return session;
    }

    /** Enters: until {@link #release}, the memory stays. */
    MemorySegment acquire() {
        int seen;
        do {
            seen = state.get();
            if ((seen & CLOSED) != 0) {
                throw new IllegalStateException("this " + getClass().getSimpleName()
                        + " was closed (or its session was); make a new one from an open session");
            }
        } while (!state.compareAndSet(seen, seen + USER));
        return address;
    }

    void release() {
        if (state.addAndGet(-USER) == CLOSED) {
            freeOnce();
        }
    }

    /** True once closed. */
    public final boolean isClosed() {
        return (state.get() & CLOSED) != 0;
    }

    /** Frees the native object, unless that is done. */
    @Override
    public final void close() {
        int before = state.getAndUpdate(seen -> seen | CLOSED);
        if (before == 0) {
            freeOnce();
        }
    }

    private void freeOnce() {
        session.disown(this);
        free(address);
    }

    /** Gives the memory back to the library; called once. */
    abstract void free(MemorySegment address);
}
