/** What the build makes of the templates in {@code src/main/jte}. Nothing is written here by hand. */
@NullMarked
package dev.parley.server.console.page;

import org.jspecify.annotations.NullMarked;
