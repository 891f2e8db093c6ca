package dev.parley.privacy.opendp;

/** A function was called that needs a feature flag which its session was not opened with. */
public final class FeatureDisabledException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    FeatureDisabledException(String function, Feature feature) {
        super("OpenDP's " + function + " needs the feature flag " + feature.flag()
                + ", which this session does not have; open it with OpenDp.open(library, Feature." + feature.name()
                + ") if what Feature says about it is acceptable");
    }
}
