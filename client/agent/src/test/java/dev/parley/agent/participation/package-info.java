@NullMarked
package dev.parley.agent.participation;

import org.jspecify.annotations.NullMarked;
