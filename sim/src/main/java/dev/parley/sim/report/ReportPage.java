package dev.parley.sim.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * report.html: one file that needs no network and runs no script. It is well-formed XML, so that programs can read its
 * tables; every plot has one with the same numbers.
 */
public final class ReportPage {
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

    private ReportPage() {}

    /** The page; the same report, the same text. */
    public static String html(RunReport report) {
        Markup page = new Markup();
        page.open("html", "lang", "en").open("head");
        page.empty("meta", "charset", "utf-8")
                .empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY)
                .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .empty("meta", "name", "color-scheme", "content", "light dark")
                .leaf("title", report.title() + " - Parley")
                .style(styleSheet());
        page.close().open("body").open("main");
        new ScoreSections(report, page).write();
        new RunSections(report, page).write();
        return page.close().close().close().finished();
    }

    private static String styleSheet() {
        try (InputStream css =
                Objects.requireNonNull(ReportPage.class.getResourceAsStream("report.css"), "report.css is missing")) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
