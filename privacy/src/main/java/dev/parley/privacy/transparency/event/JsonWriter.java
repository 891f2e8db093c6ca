package dev.parley.privacy.transparency.event;

import java.util.Locale;

/** Writes the one form. */
final class JsonWriter {
    private JsonWriter() {}

    static void write(JsonValue value, StringBuilder out) {
        switch (value) {
            case JsonValue.Text text -> quote(text.value(), out);
            case JsonValue.Whole whole -> out.append(whole.value());
            case JsonValue.Truth truth -> out.append(truth.value());
            case JsonValue.ListOf list -> {
                out.append('[');
                String separator = "";
                for (JsonValue each : list.values()) {
                    out.append(separator);
                    write(each, out);
                    separator = ",";
                }
                out.append(']');
            }
            case JsonValue.Fields fields -> {
                out.append('{');
                String separator = "";
                for (var member : fields.members().entrySet()) {
                    out.append(separator);
                    quote(member.getKey(), out);
                    out.append(':');
                    write(member.getValue(), out);
                    separator = ",";
                }
                out.append('}');
            }
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\t' -> out.append("\\t");
                case '\n' -> out.append("\\n");
                case '\f' -> out.append("\\f");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c < ' ') {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
