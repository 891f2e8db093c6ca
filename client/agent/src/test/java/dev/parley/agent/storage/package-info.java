@NullMarked
package dev.parley.agent.storage;

import org.jspecify.annotations.NullMarked;
