package dev.parley.privacy.opendp;

import java.util.Arrays;

/**
 * What a session must say that it accepts before it may call a function (OpenDP's feature flags). The C interface does
 * not check them: its callers must, and {@link OpenDp} does.
 */
public enum Feature {
    /** Functions whose proof of privacy is not finished. At 0.15.1 nearly every constructor needs it. */
    CONTRIB("contrib"),

    /**
     * Functions whose privacy depends on an argument that the caller promises is right, such as the size of a
     * population.
     */
    HONEST_BUT_CURIOUS("honest-but-curious");

    private final String flag;

    Feature(String flag) {
        this.flag = flag;
    }

    /** OpenDP's name for it. */
    public String flag() {
        return flag;
    }

    static Feature of(String flag) {
        return Arrays.stream(values())
                .filter(feature -> feature.flag.equals(flag))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("OpenDP has no feature flag " + flag + " that is bound"));
    }
}
