package dev.parley.privacy.dp;

/** What one neighbour has and the other has not: whom a promise is made to. */
public enum PrivacyUnit {
    /** One record. A person with a hundred records gets a hundred times less than the number says. */
    RECORD,
    /** All records of one subject: a patient, or a machine. */
    SUBJECT,
    /** All records of one site. */
    SITE
}
