/**
 * The coordinator towards people and scripts: REST, a stream of events, and web pages.
 *
 * <p>Every route is a line of {@link dev.parley.server.console.ApiRoutes} or {@link dev.parley.server.console.PageRoutes} that says who
 * may use it; {@link dev.parley.server.console.Gate} asks that at one place, and a route that says nothing is shut. Read
 * {@code docs/CONSOLE.md} for what it is like to use.
 *
 * <p>What may not enter: decisions about rounds; anything of a single record; generated protobuf types.
 */
@NullMarked
package dev.parley.server.console;

import org.jspecify.annotations.NullMarked;
