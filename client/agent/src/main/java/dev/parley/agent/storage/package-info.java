/**
 * Files of the agent: its state folder, written whole or not at all, and its cache of blobs by content.
 *
 * <p>What may not enter: records. They stay where their owner keeps them.
 */
@NullMarked
package dev.parley.agent.storage;

import org.jspecify.annotations.NullMarked;
