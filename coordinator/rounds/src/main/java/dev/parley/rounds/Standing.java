package dev.parley.rounds;

import dev.parley.privacy.update.ContentHash;

/** Where one member of a cohort stands before its round releases. */
public sealed interface Standing {
    /** Was sent the plan and has not answered. */
    record Invited() implements Standing {}

    /** Has accepted and is at work. */
    record Accepted() implements Standing {}

    /** Has said no; final for this attempt. */
    record Refused(String rule) implements Standing {}

    /** Cannot be reached. It may return, and what it submits still counts. */
    record Lost() implements Standing {}

    /** Its update is counted; final. */
    record Submitted(ContentHash content) implements Standing {}
}
