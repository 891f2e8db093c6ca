/** Tests of how records reach the agent. */
@NullMarked
package dev.parley.agent.connectors;

import org.jspecify.annotations.NullMarked;
