/**
 * The rules of spending: what a budget is, what a release costs it, and whether it may still be made. Pure but for {@link
 * dev.parley.privacy.dp.ledger.BudgetLedger}, whose implementations keep the debits where they belong: on a site's disk, in
 * a database, in a simulation's memory.
 *
 * <p><b>Spend, then act.</b> A debit is durable before the release that it pays for is computed. A crash between the two
 * wastes budget; none can forget it.
 *
 * <p>What may not enter: files, databases, noise, records, clocks.
 */
@NullMarked
package dev.parley.privacy.dp.ledger;

import org.jspecify.annotations.NullMarked;
