package dev.parley.privacy.secagg.key;

/** A public key with which no secret can be agreed: of low order, zero, or not a key at all. */
public final class WeakKeyException extends Exception {
    WeakKeyException(String what) {
        super(what);
    }
}
