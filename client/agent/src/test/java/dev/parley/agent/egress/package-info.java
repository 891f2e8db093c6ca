@NullMarked
package dev.parley.agent.egress;

import org.jspecify.annotations.NullMarked;
