/**
 * What policies decide about: descriptions of requests as typed records, and the schema that is read off them. A policy is
 * type-checked against this schema, and a request that somebody wrote down is read by it.
 *
 * <p>May enter: names, numbers and hashes that describe a request. May not enter: a record of a person, a clock (the moment
 * is part of each request), rules.
 */
@NullMarked
package dev.parley.policies.request;

import org.jspecify.annotations.NullMarked;
