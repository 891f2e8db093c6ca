package dev.parley.privacy.secagg.graph;

/**
 * What a coordinator does that has corrupted members on its side. In every model the corrupted are chosen before the
 * graph's seed is known, and the graph is the one the seed gives.
 */
public enum AttackModel {
    /** Coordinator and corrupted members follow the protocol and pool what they see. */
    SEMI_HONEST,

    /**
     * The coordinator tells some neighbours of a member that it was lost and others that it is present, to collect
     * shares of both its secrets; corrupted neighbours give both. Who is lost does not depend on the graph.
     */
    SEMI_MALICIOUS,

    /**
     * As {@link #SEMI_MALICIOUS}, and having seen the graph the coordinator declares any members it likes lost, as many
     * as it likes, so as to cut a group of members off from the rest and read the group's sum. Honest members answer
     * only for one survivor set on which they all agree, and only if they are in it.
     */
    SEMI_MALICIOUS_CHOOSING_THE_LOST
}
