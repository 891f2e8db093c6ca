package dev.parley.learning.record;

/** The records that could be used, and an account of the rows that could not. */
public record LoadedDataset(Dataset dataset, Quarantine quarantine) {}
