package dev.parley.privacy.opendp.generator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/** One argument: its Java parameter, how it is laid out for C, and its default. */
final class BoundArgument {
    private enum Kind {
        HANDLE,
        TYPE,
        OPTIONAL_TYPE,
        TEXT,
        MEASUREMENTS,
        OBJECT,
        OPTIONAL_OBJECT,
        SCALAR,
        OPTIONAL_SCALAR,
        OPTIONAL_I32,
        OPTIONAL_U32,
        DOUBLE,
        BOOL,
        U32,
        SIZE
    }

    private static final List<String> KEYWORDS = List.of("null", "this", "default", "char");

    private final String name;
    private final String cType;
    private final JsonNode rustType;
    private final JsonNode defaultValue;
    private final String description;
    private final Kind kind;

    BoundArgument(JsonNode described) {
        this.name = described.get("name").asText();
        this.cType = described.get("cType").asText("");
        this.rustType = described.get("rustType");
        this.defaultValue = described.get("default");
        this.description = described.get("description").asText("");
        this.kind = kind(described.get("isType").asBoolean());
    }

    String name() {
        return name;
    }

    String description() {
        return description;
    }

    JsonNode rustType() {
        return rustType;
    }

    boolean isType() {
        return kind == Kind.TYPE;
    }

    /** The C type, such as {@code AnyDomain *}. */
    String cType() {
        return cType;
    }

    boolean hasDefault() {
        return !defaultValue.isNull();
    }

    /** Queryables and privacy profiles, which stay in the library. */
    private boolean isHeld() {
        return List.of("queryable", "this", "curve", "profile").contains(name);
    }

    /** What a queryable is asked: a value, or a measurement to run. */
    private boolean isQuery() {
        return name.equals("query");
    }

    private boolean isNullable() {
        return (hasDefault() && defaultValue.has("null"))
                || (rustType.has("origin") && rustType.get("origin").asText().equals("Option"));
    }

    private Kind kind(boolean isType) {
        if (isType) {
            return Kind.TYPE;
        }
        return switch (cType) {
            case "double" -> Kind.DOUBLE;
            case "bool" -> Kind.BOOL;
            case "uint32_t" -> Kind.U32;
            case "size_t" -> Kind.SIZE;
            case "char *" -> Character.isUpperCase(name.charAt(0)) ? Kind.OPTIONAL_TYPE : Kind.TEXT;
            case "void *" -> pointerKind();
            case "AnyObject *" -> objectKind();
            default -> Kind.HANDLE;
        };
    }

    private Kind pointerKind() {
        if (!isNullable()) {
            return Kind.SCALAR;
        }
        return switch (rustType.get("args").get(0).path("name").asText()) {
            case "i32" -> Kind.OPTIONAL_I32;
            case "u32" -> Kind.OPTIONAL_U32;
            default -> Kind.OPTIONAL_SCALAR;
        };
    }

    private Kind objectKind() {
        if (rustType.path("args").path(0).path("name").asText().equals("AnyMeasurementPtr")) {
            return Kind.MEASUREMENTS;
        }
        return isNullable() ? Kind.OPTIONAL_OBJECT : Kind.OBJECT;
    }

    String javaName() {
        String camel = BoundFunction.camel(name, false);
        if (KEYWORDS.contains(camel)) {
            return camel.equals("this") ? "object" : camel + "Value";
        }
        return Character.isUpperCase(camel.charAt(0)) ? camel.toLowerCase(Locale.ROOT) + "Type" : camel;
    }

    private String javaType() {
        return switch (kind) {
            case HANDLE ->
                switch (cType) {
                    case "AnyDomain *" -> "Domain";
                    case "AnyMetric *" -> "Metric";
                    case "AnyMeasure *" -> "Measure";
                    case "AnyTransformation *" -> "Transformation";
                    case "AnyMeasurement *" -> "Measurement";
                    case "AnyOdometer *" -> "Odometer";
                    case "AnyFunction *" -> "DpFunction";
                    default -> throw new IllegalArgumentException("no Java for argument " + name + " of type " + cType);
                };
            case TYPE -> "RustType";
            case OPTIONAL_TYPE -> "@Nullable RustType";
            case TEXT -> "String";
            case MEASUREMENTS -> "List<Measurement>";
            case OBJECT -> "Argument";
            case OPTIONAL_OBJECT -> "@Nullable Argument";
            case SCALAR -> "Value";
            case OPTIONAL_SCALAR -> "@Nullable Value";
            case OPTIONAL_I32 -> "@Nullable Integer";
            case OPTIONAL_U32 -> "@Nullable Long";
            case DOUBLE -> "double";
            case BOOL -> "boolean";
            case U32, SIZE -> "long";
        };
    }

    String parameter() {
        return javaType() + " " + javaName();
    }

    String layout() {
        return switch (kind) {
            case DOUBLE -> "ValueLayout.JAVA_DOUBLE";
            case BOOL -> "ValueLayout.JAVA_BOOLEAN";
            case U32 -> "ValueLayout.JAVA_INT";
            case SIZE -> "ValueLayout.JAVA_LONG";
            default -> "ValueLayout.ADDRESS";
        };
    }

    /** What the downcall is given. */
    String passed() {
        return kind == Kind.BOOL ? javaName() : javaName() + "In";
    }

    /** The statement that checks the argument and lays it out. */
    String layOut(TypeExpressions types) {
        String java = javaName();
        String expected = types.of(rustType);
        String optional = expected.equals("null") ? expected : java + " == null ? null : " + expected;
        String made = switch (kind) {
            case BOOL -> "";
            case DOUBLE -> "call.number(\"%s\", %s)".formatted(name, java);
            case HANDLE -> "call.handle(\"%s\", %s)".formatted(name, java);
            case TYPE -> "call.type(\"%s\", %s)".formatted(name, java);
            case OPTIONAL_TYPE -> "%s == null ? MemorySegment.NULL : call.type(\"%s\", %s)".formatted(java, name, java);
            case TEXT -> "call.text(\"%s\", %s)".formatted(name, java);
            case MEASUREMENTS -> "call.measurements(\"%s\", %s)".formatted(name, java);
            case OBJECT ->
                isHeld()
                        ? "call.held(\"%s\", %s)".formatted(name, java)
                        : isQuery()
                                ? "call.query(\"%s\", %s)".formatted(name, java)
                                : "call.object(\"%s\", %s, %s)".formatted(name, java, expected);
            case OPTIONAL_OBJECT -> "call.optionalObject(\"%s\", %s, %s)".formatted(name, java, optional);
            case SCALAR -> "call.scalar(\"%s\", %s, %s)".formatted(name, java, expected);
            case OPTIONAL_SCALAR -> "call.optionalScalar(\"%s\", %s, %s)".formatted(name, java, expected);
            case OPTIONAL_I32 -> "call.optionalInt(%s)".formatted(java);
            case OPTIONAL_U32 -> "call.optionalUnsigned32(\"%s\", %s)".formatted(name, java);
            case U32 -> "call.unsigned32(\"%s\", %s)".formatted(name, java);
            case SIZE -> "call.size(\"%s\", %s)".formatted(name, java);
        };
        if (made.isEmpty()) {
            return "";
        }
        String type = switch (kind) {
            case DOUBLE -> "double";
            case U32 -> "int";
            case SIZE -> "long";
            default -> "MemorySegment";
        };
        return type + " " + java + "In = " + made + ";";
    }

    /** The default as Java. */
    String defaultValue(TypeExpressions types) {
        if (defaultValue.has("null")) {
            return "null";
        }
        JsonNode value = defaultValue.get("value");
        return switch (kind) {
            case TYPE -> types.ofText(value.asText());
            case TEXT -> "\"" + value.asText() + "\"";
            case OPTIONAL_U32, U32, SIZE -> value.asText() + "L";
            case DOUBLE, BOOL, OPTIONAL_I32 -> value.asText();
            default -> throw new IllegalArgumentException("no Java for the default " + value + " of " + name);
        };
    }
}
