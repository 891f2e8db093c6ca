/**
 * What people and scripts are shown, as plain values: the same records become JSON in the API and text in the pages, so the two cannot
 * disagree.
 *
 * <p>What may not enter: HTTP, secrets, anything that changes a federation.
 */
@NullMarked
package dev.parley.server.console.view;

import org.jspecify.annotations.NullMarked;
