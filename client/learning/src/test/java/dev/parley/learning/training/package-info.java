/** Tests of local training, and the cross-validation with which its settings are chosen. */
@NullMarked
package dev.parley.learning.training;

import org.jspecify.annotations.NullMarked;
