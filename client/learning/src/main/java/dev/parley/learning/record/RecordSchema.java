package dev.parley.learning.record;

import java.util.HashSet;
import java.util.List;

/**
 * What a federation learns from: the modalities that a record may have, and the classes of its label.
 *
 * @param modalities in the order that every site shares
 * @param classes class names; two or more. With two classes, class 1 is the positive one
 */
public record RecordSchema(List<Modality> modalities, List<String> classes) {
    public RecordSchema {
        modalities = List.copyOf(modalities);
        classes = List.copyOf(classes);
        if (modalities.isEmpty()) {
            throw new IllegalArgumentException("a schema has at least one modality");
        }
        if (classes.size() < 2) {
            throw new IllegalArgumentException("a schema has at least two classes, got " + classes);
        }
        var names = new HashSet<String>();
        for (Modality modality : modalities) {
            if (!names.add(modality.name())) {
                throw new IllegalArgumentException("two modalities are named " + modality.name());
            }
        }
    }

    public List<String> modalityNames() {
        return modalities.stream().map(Modality::name).toList();
    }

    /** The same schema with only the named modalities, in schema order. */
    public RecordSchema restrictedTo(java.util.Set<String> names) {
        for (String name : names) {
            if (!modalityNames().contains(name)) {
                throw new IllegalArgumentException(
                        "no modality named '" + name + "'; the schema has " + modalityNames());
            }
        }
        return new RecordSchema(
                modalities.stream().filter(m -> names.contains(m.name())).toList(), classes);
    }
}
