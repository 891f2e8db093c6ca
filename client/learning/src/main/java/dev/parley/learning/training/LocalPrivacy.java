package dev.parley.learning.training;

/** What training at the site promises about single records or subjects. */
public sealed interface LocalPrivacy permits LocalPrivacy.None, DpSgd {
    /** No promise: an update tells of records what it tells. */
    record None() implements LocalPrivacy {}

    None NONE = new None();
}
