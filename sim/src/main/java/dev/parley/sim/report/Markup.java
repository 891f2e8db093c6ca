package dev.parley.sim.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * A page under construction: HTML that is well-formed XML too. Text and attribute values are escaped here and nowhere
 * else, so a name from a site can not become markup.
 */
final class Markup {
    private final StringBuilder written = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();
    private int identifiers;

    /** @param attributes name, value, name, value */
    Markup open(String tag, String... attributes) {
        start(tag, attributes);
        written.append('>');
        open.push(tag);
        return this;
    }

    Markup close() {
        written.append("</").append(open.pop()).append('>');
        if (open.size() <= 3) {
            written.append('\n');
        }
        return this;
    }

    /** An element without content: a void element of HTML, or any of SVG. */
    Markup empty(String tag, String... attributes) {
        start(tag, attributes);
        written.append("/>");
        return this;
    }

    /** An element with nothing but text. */
    Markup leaf(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close();
    }

    Markup text(String text) {
        written.append(escaped(text));
        return this;
    }

    /** The style sheet, which is ours and contains no markup. */
    Markup style(String css) {
        if (css.contains("<") || css.contains("&")) {
            throw new IllegalArgumentException("a style sheet inside XHTML contains neither < nor &");
        }
        written.append("<style>").append(css).append("</style>\n");
        return this;
    }

    /** A fresh value for {@code id}. */
    String identifier(String kind) {
        identifiers++;
        return kind + "-" + identifiers;
    }

    private void start(String tag, String... attributes) {
        written.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            written.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(escaped(attributes[i + 1]))
                    .append('"');
        }
    }

    /**
     * Control characters, half surrogates and invisible format characters become U+FFFD: the first two are not XML,
     * and the last could turn the direction of the line around.
     */
    private static String escaped(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                case '\n' -> safe.append('\n');
                default -> safe.appendCodePoint(isUnfit(c) ? 0xFFFD : c);
            }
        });
        return safe.toString();
    }

    private static boolean isUnfit(int c) {
        return Character.isISOControl(c)
                || Character.getType(c) == Character.SURROGATE
                || Character.getType(c) == Character.FORMAT
                || (c & 0xFFFE) == 0xFFFE;
    }

    /** A coordinate as a share of the width, which keeps text at its size on every screen. */
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f%%", 100 * share);
    }

    /** A coordinate in pixels. */
    static String pixels(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** What was written, as a file of its own: an SVG. */
    String standalone() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("elements are still open: " + open);
        }
        return written.toString();
    }

    String finished() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("elements are still open: " + open);
        }
        return "<!DOCTYPE html>\n" + written;
    }
}
