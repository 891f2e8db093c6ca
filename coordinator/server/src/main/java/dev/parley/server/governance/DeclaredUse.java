package dev.parley.server.governance;

import dev.parley.rounds.SiteName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator declares about a federation, for policies to look at. Nothing of it is checked here: a site's own rules
 * and its subjects' consent are the site's.
 *
 * @param purpose the use of the records
 * @param jurisdiction whose law the federation is run under
 * @param sites by name; a site that is not here is one of which nothing is declared
 */
public record DeclaredUse(Optional<String> purpose, Optional<String> jurisdiction, Map<SiteName, DeclaredSite> sites) {
    public DeclaredUse {
        sites = Map.copyOf(sites);
    }

    /** Nothing is declared. */
    public static DeclaredUse nothing() {
        return new DeclaredUse(Optional.empty(), Optional.empty(), Map.of());
    }

    /**
     * One site.
     *
     * @param purposes that the subjects of its records agreed to, as the site has declared; empty if it has not
     */
    public record DeclaredSite(
            Optional<String> organisation, Optional<String> jurisdiction, Optional<List<String>> purposes) {
        static final DeclaredSite UNKNOWN = new DeclaredSite(Optional.empty(), Optional.empty(), Optional.empty());

        public DeclaredSite {
            purposes = purposes.map(List::copyOf);
        }
    }
}
