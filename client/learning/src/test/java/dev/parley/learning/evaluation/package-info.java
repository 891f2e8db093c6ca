@NullMarked
package dev.parley.learning.evaluation;

import org.jspecify.annotations.NullMarked;
