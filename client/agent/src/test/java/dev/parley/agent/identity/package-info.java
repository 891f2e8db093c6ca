@NullMarked
package dev.parley.agent.identity;

import org.jspecify.annotations.NullMarked;
