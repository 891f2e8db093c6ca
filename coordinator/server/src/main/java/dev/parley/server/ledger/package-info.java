/**
 * The coordinator's ledger: what may be told of a federation's sites, subjects and purposes, and every debit, in PostgreSQL.
 * The rules are those of {@link dev.parley.privacy.dp.ledger}; here is what makes them hold for many processes, races and
 * kills. {@link dev.parley.server.ledger.DatabaseBudgets} is where to begin.
 *
 * <p>It protects against the coordinator's own mistakes. A site that trusts no coordinator keeps a ledger of its own.
 *
 * <p>What may not enter: accountants, rounds, actors, what the releases say.
 */
@NullMarked
package dev.parley.server.ledger;

import org.jspecify.annotations.NullMarked;
