package dev.parley.sim.report;

final class ReportPage {
    private ReportPage() {}

    static String html(RunReport report) {
        return report.title();
    }
}
