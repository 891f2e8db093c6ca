package dev.parley.policies.rule;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.parley.policies.request.ValueType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The schema's types as CEL's checker takes them. */
final class ExpressionTypes {
    private final Map<String, CelType> structs = new LinkedHashMap<>();
    private final TreeSet<String> fieldNames = new TreeSet<>();

    /** The type for the checker; a block and all blocks in it are from then on known by name. */
    CelType of(ValueType type) {
        return switch (type) {
            case ValueType.Bool bool -> SimpleType.BOOL;
            case ValueType.WholeNumber number -> SimpleType.INT;
            case ValueType.Decimal decimal -> SimpleType.DOUBLE;
            case ValueType.Text text -> SimpleType.STRING;
            case ValueType.OneOf words -> SimpleType.STRING;
            case ValueType.Moment moment -> SimpleType.TIMESTAMP;
            case ValueType.Span span -> SimpleType.DURATION;
            case ValueType.ListOf list -> ListType.create(of(list.element()));
            case ValueType.Struct struct -> struct(struct);
        };
    }

    private CelType struct(ValueType.Struct struct) {
        CelType known = structs.get(struct.name());
        if (known != null) {
            return known;
        }
        Map<String, CelType> fields = new LinkedHashMap<>();
        struct.fields().forEach((name, field) -> fields.put(name, of(field.type())));
        fieldNames.addAll(fields.keySet());
        ImmutableMap<String, CelType> types = ImmutableMap.copyOf(fields);
        CelType made = StructType.create(
                struct.name(), ImmutableSet.copyOf(fields.keySet()), name -> Optional.ofNullable(types.get(name)));
        structs.put(struct.name(), made);
        return made;
    }

    /** Of all blocks that are known. */
    Set<String> fieldNames() {
        return fieldNames;
    }

    /** All blocks that are known by now. */
    CelTypeProvider provider() {
        return new Known(ImmutableMap.copyOf(structs));
    }

    private record Known(ImmutableMap<String, CelType> structs) implements CelTypeProvider {
        @Override
        public ImmutableCollection<CelType> types() {
            return structs.values();
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(structs.get(name));
        }
    }
}
