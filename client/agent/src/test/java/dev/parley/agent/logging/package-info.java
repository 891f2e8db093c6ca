@NullMarked
package dev.parley.agent.logging;

import org.jspecify.annotations.NullMarked;
