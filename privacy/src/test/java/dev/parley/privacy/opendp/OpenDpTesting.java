package dev.parley.privacy.opendp;

/** Opens sessions for tests. */
public final class OpenDpTesting {
    private OpenDpTesting() {}

    /** The library, which {@link RequiresOpenDp} has found. */
    public static OpenDpLibrary.Present library() {
        return (OpenDpLibrary.Present) OpenDpLibrary.locate();
    }

    /** A session with every feature. */
    public static OpenDp open() {
        return OpenDp.open(library(), Feature.CONTRIB, Feature.HONEST_BUT_CURIOUS);
    }
}
