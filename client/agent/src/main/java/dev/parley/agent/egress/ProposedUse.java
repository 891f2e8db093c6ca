package dev.parley.agent.egress;

import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import java.util.List;

/**
 * What a plan wants of this site, in the terms in which an owner judges it.
 *
 * @param federation the federation's name
 * @param round counts every round of the federation from 0
 * @param cohort names of the sites whose updates are added up, this one included
 * @param noise what hides a record in the update
 * @param learning the document that says what is trained
 */
public record ProposedUse(String federation, int round, List<String> cohort, UpdateNoise noise, ContentHash learning) {
    public ProposedUse {
        cohort = List.copyOf(cohort);
    }
}
