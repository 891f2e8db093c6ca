package dev.parley.server.status;

/**
 * What the policies had against something, or to remark about it.
 *
 * @param at ISO-8601
 * @param request such as {@code joinSite}
 * @param about the site or the round, or the federation's name
 * @param verdict {@code Deny}, {@code Inconclusive}, {@code Warn} or {@code Audit}
 * @param reason the policy, the rule, what it says, the values
 */
public record GovernanceNote(String at, String request, String about, String verdict, String reason) {}
