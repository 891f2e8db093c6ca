package dev.parley.privacy.opendp;

/**
 * What OpenDP takes or gives as data ({@code AnyObject} in its C interface): a {@link Value} that Java holds; a
 * {@link NativeObject} that only the library can read, such as a queryable; or a {@link Measurement} that a queryable
 * is asked to run.
 */
public sealed interface Argument permits Value, NativeObject, Measurement {
    /**
     * This as a value of Java.
     *
     * @throws IllegalStateException if it is held by the library
     */
    default Value asValue() {
        if (this instanceof Value value) {
            return value;
        }
        throw new IllegalStateException("expected a value that Java can read, got " + described());
    }

    /**
     * This as an object of the library's, such as a queryable.
     *
     * @throws IllegalStateException if it is a value of Java's
     */
    default NativeObject asObject() {
        if (this instanceof NativeObject object) {
            return object;
        }
        throw new IllegalStateException("expected an object held by the library, got " + described());
    }

    private String described() {
        return switch (this) {
            case Value value -> "a value of type " + value.type();
            case NativeObject object -> "an object of type " + object.type() + " that only the library can read";
            case Measurement measurement -> "a measurement of " + measurement.inputType();
        };
    }
}
