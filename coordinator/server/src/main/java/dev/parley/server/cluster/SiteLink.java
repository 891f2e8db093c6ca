package dev.parley.server.cluster;

/** The way to one attached site. Calls return at once and never throw: a link that is gone swallows what it is told. */
public interface SiteLink {
    void send(SiteMessage message);

    /** Another stream of the same site has taken over; this one ends. */
    void replaced();

    /** The coordinator is stopping; the site may attach again when it is back. */
    void stopping();
}
