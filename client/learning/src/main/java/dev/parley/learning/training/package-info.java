/** Local training: a value in, a value out. Tensors live and die inside a call; no network may enter. */
@NullMarked
package dev.parley.learning.training;

import org.jspecify.annotations.NullMarked;
