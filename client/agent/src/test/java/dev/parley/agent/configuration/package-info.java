@NullMarked
package dev.parley.agent.configuration;

import org.jspecify.annotations.NullMarked;
