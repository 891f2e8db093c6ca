package dev.parley.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person with a browser: from the one-time link over every page to a round that ends before their eyes. */
class ConsoleBrowserTest {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path PICTURES = Path.of("target", "console");
    private static final List<String> PAGES = List.of(
            "/", "/rounds", "/rounds/0-0", "/metrics", "/sites", "/versions", "/privacy", "/enrolment", "/access");

    @TempDir
    Path folder;

    @Test
    void showsARoundEndAndEveryPageToEverybody() throws Exception {
        boolean there = Files.isExecutable(CHROMIUM);
        assertTrue(there || !"true".equals(System.getenv("CI")), "CI needs chromium: apt-get install chromium");
        Assumptions.assumeTrue(there, "no " + CHROMIUM + ": apt-get install chromium");
        Map<String, String> environment = Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        try (WatchedFederation federation = WatchedFederation.in(folder, "none");
                Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
                Browser browser = playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(CHROMIUM)
                                .setArgs(List.of("--no-sandbox")));
                BrowserContext context = browser.newContext()) {
            List<String> complaints = new ArrayList<>();
            context.onConsoleMessage(message -> {
                if (message.type().equals("error")) {
                    complaints.add(message.text());
                }
            });
            federation.attend();
            Page page = context.newPage();
            page.navigate(federation.console().setupLink().orElseThrow());
            page.getByLabel("Name").fill("ada");
            page.getByLabel("Password").fill(WatchedFederation.PASSWORD);
            page.keyboard().press("Enter");
            page.waitForURL(federation.at("/").toString());
            PlaywrightAssertions.assertThat(page.locator("#live")).containsText("1 of 2", patiently());

            federation.goOn();

            PlaywrightAssertions.assertThat(page.locator("#live")).containsText("2 of 2", patiently());
            PlaywrightAssertions.assertThat(page.locator("#sentence")).containsText("Completed", patiently());
            Files.createDirectories(PICTURES);
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                for (int width : new int[] {1440, 320}) {
                    page.setViewportSize(width, 900);
                    for (String path : PAGES) {
                        look(page, federation, path, scheme, width);
                    }
                }
            }
            enrolByKeyboard(page, federation);
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Log out"))
                    .click();
            page.waitForURL(federation.at("/login").toString());
            assertEquals(List.of(), new AxeBuilder(page).analyze().getViolations());
            assertEquals(List.of(), complaints, "the browser complained, as of a breach of the content policy");
        }
    }

    private static void look(Page page, WatchedFederation federation, String path, ColorScheme scheme, int width) {
        page.navigate(federation.at(path).toString());
        String name = (path.equals("/") ? "overview" : path.substring(1).replace('/', '-')) + "-"
                + scheme.name().toLowerCase(java.util.Locale.ROOT) + "-" + width;
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(PICTURES.resolve(name + ".png"))
                .setFullPage(true));
        var found = new AxeBuilder(page).analyze().getViolations();
        assertTrue(
                found.isEmpty(),
                () -> name + ": "
                        + found.stream()
                                .map(rule -> rule.getId() + " " + rule.getNodes())
                                .toList());
        assertEquals(
                width,
                page.evaluate("document.documentElement.scrollWidth"),
                name + ": a page must not be wider than its window");
    }

    private static void enrolByKeyboard(Page page, WatchedFederation federation) {
        page.navigate(federation.at("/enrolment").toString());
        page.getByLabel("The site's name, such as ward-3").focus();
        page.keyboard().type("ward-9");
        page.keyboard().press("Enter");
        PlaywrightAssertions.assertThat(page.locator("#token")).containsText("parley1.");
        assertEquals(List.of(), new AxeBuilder(page).analyze().getViolations());
    }

    private static LocatorAssertions.ContainsTextOptions patiently() {
        return new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);
    }
}
