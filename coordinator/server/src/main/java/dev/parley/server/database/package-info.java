/**
 * Where everything lies that must not be lost: one PostgreSQL, started here or somebody else's, its connections and its schema.
 *
 * <p>{@link dev.parley.server.database.Database#open} gives a {@link javax.sql.DataSource} whose connections stand in the schema
 * {@code parley}, migrated. A part that needs tables adds one file {@code V<next number>__what.sql} to the resources beside
 * this package; a file that has been released is never edited again.
 *
 * <p>What may not enter: what the tables mean. Every part queries its own.
 */
@NullMarked
package dev.parley.server.database;

import org.jspecify.annotations.NullMarked;
