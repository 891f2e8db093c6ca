/**
 * How good a model's answers are on records that are at hand: exact metrics and what chance could have made of them.
 * Plain arrays of scores and labels; no tensor, no engine and no network may enter, and no record stays here.
 */
@NullMarked
package dev.parley.learning.evaluation;

import org.jspecify.annotations.NullMarked;
