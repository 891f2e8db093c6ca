package dev.parley.privacy.secagg.share;

/**
 * Shares do not lie on one polynomial with a 32-byte secret: at least one of them was forged, damaged, or dealt for
 * another secret. Which one cannot be told from t shares. It is checked because any one holder can bring it about.
 */
public final class InconsistentSharesException extends Exception {
    InconsistentSharesException() {
        super("the shares do not recover a 32-byte secret: at least one is forged, damaged or of another secret; "
                + "recover from other holders, or give this secret up");
    }
}
