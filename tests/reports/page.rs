//! The page as Chromium shows it: at three widths, in light and dark, with hostile text from a run.

use std::path::{Path, PathBuf};

use predicates::str::contains;
use serde_json::Value;
use tests::chromium::Chromium;

use crate::called::{HOLDS, lessons, xtask};

/// What a hostile program could print, to do harm in the page of its report.
const HOSTILE: &str =
    "</pre></details><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">";

/// The page of a run with a check that passes, one that fails, and one with hostile text; of these releases of the stub, or of
/// one.
fn page(folder: &Path, releases: &[&str]) -> PathBuf {
    let wide = "x".repeat(300);
    let hostile = format!("run = '''\ncat <<'END'\n{HOSTILE}\n{wide}\nEND\n'''\nexpect = [{{ exit = 0 }}]");
    let fails = format!("run = '''\ncat <<'END'\n{HOSTILE}\nEND\nexit 3\n'''\nexpect = [{{ exit = 0 }}]");
    let lessons = lessons(&[("fails", &fails), ("holds", HOLDS), ("hostile", &hostile)]);
    let page = folder.join("report.html");
    let mut command = match releases {
        [] => xtask(&["smoke", "fails", "holds", "hostile", "smoke-1"]),
        releases => xtask(&[&["drift"], releases].concat()),
    };
    command.arg("--lessons").arg(lessons.path()).arg("--report").arg(&page).assert().code(1);
    page
}

/// Checks that nothing is beside the window.
fn fits(chromium: &mut Chromium, width: u32) {
    assert_eq!(number(chromium.says("innerWidth")), u64::from(width));
    let beside = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(number(chromium.says(beside)), 0, "the page is wider than its window of {width}");
}

/// Draws the page into the tests' folder below `target`, for a person to look at.
fn draw(chromium: &mut Chromium, name: &str) {
    chromium.draws(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("report-{name}.png")));
}

fn number(value: Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn a_page_fits_every_width_has_every_text_and_runs_nothing_that_a_run_printed() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(folder.path(), &[]);
    let mut chromium = Chromium::start();
    for (width, dark, columns) in [(360, false, 1), (360, true, 1), (800, false, 2), (1280, true, 2)] {
        chromium.opens(&page, width, dark);
        assert_eq!(chromium.says("document.title"), "smoke: failed");
        // What failed is open without a click.
        assert_eq!(number(chromium.says("document.querySelectorAll('.check[open]').length")), 1);
        chromium.says("document.querySelectorAll('details').forEach(it => { it.open = true })");
        fits(&mut chromium, width);
        let text = chromium.says("document.body.innerText");
        let text = text.as_str().unwrap();
        for part in [
            "cargo xtask smoke",
            "the stub of Codex 0.163.0",
            "no secret was seen",
            "the title of hostile",
            "Why",
            "What to do",
            "Wrong way",
            "Right way",
            "exit 3",
            "expected  exit 0",
            "fails.toml:13",
            "Timings",
            "4 of 4",
            HOSTILE,
        ] {
            assert!(text.contains(part), "{width}: {part}\n{text}");
        }
        let ways = "getComputedStyle(document.querySelector('.ways')).gridTemplateColumns.split(' ').length";
        assert_eq!(number(chromium.says(ways)), columns, "{width}");
        let colour = chromium.says("getComputedStyle(document.body).backgroundColor");
        assert_eq!(colour == "rgb(255, 255, 255)", !dark, "{colour}");
        for tag in ["script", "style", "form"] {
            let count = format!("document.querySelectorAll('{tag}').length");
            assert_eq!(number(chromium.says(&count)), 1, "{tag}");
        }
        assert_eq!(number(chromium.says("document.querySelectorAll('img, iframe, link, object').length")), 0);
        assert_eq!(chromium.complaints(), [""; 0]);
        draw(&mut chromium, &format!("smoke-{width}-{}", if dark { "dark" } else { "light" }));
    }
}

#[test]
fn the_policy_of_a_page_stops_what_its_text_would_do_even_unescaped() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(folder.path(), &[]);
    let text = std::fs::read_to_string(&page).unwrap();
    std::fs::write(&page, text.replace("<main>", &format!("<main>{HOSTILE}"))).unwrap();
    let mut chromium = Chromium::start();
    chromium.opens(&page, 800, false);
    assert_eq!(chromium.says("document.title"), "smoke: failed");
    let complaints = chromium.complaints().join("\n");
    for directive in ["script-src", "img-src"] {
        assert!(complaints.contains(directive), "{directive}: {complaints}");
    }
}

#[test]
fn a_filter_shows_the_checks_with_its_text_and_its_status() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(folder.path(), &[]);
    let mut chromium = Chromium::start();
    chromium.opens(&page, 800, false);
    let mut shown = |text: &str, status: &str| {
        let set = format!(
            "(() => {{ document.getElementById('text').value = '{text}'; \
             document.getElementById('status').value = '{status}'; \
             document.querySelector('.filter').dispatchEvent(new Event('input')); \
             return Array.from(document.querySelectorAll('.check')).filter(it => it.offsetHeight > 0) \
             .map(it => it.querySelector('code').textContent).join(' ') }})()"
        );
        chromium.says(&set).as_str().unwrap().to_owned()
    };
    assert_eq!(shown("", ""), "smoke-1 fails holds hostile");
    assert_eq!(shown("", "failed"), "fails");
    assert_eq!(shown("", "passed"), "smoke-1 holds hostile");
    // The text is looked for in the transcript too.
    assert_eq!(shown("DOCUMENT.title", ""), "fails hostile");
    assert_eq!(shown("document.title", "passed"), "hostile");
    assert_eq!(shown("no such text", ""), "");
}

#[test]
fn a_drift_is_a_table_whose_rows_lead_to_the_checks() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(folder.path(), &["stub:0.133.0", "stub:0.144.4", "stub:0.163.0"]);
    let mut chromium = Chromium::start();
    for width in [360, 800, 1280] {
        chromium.opens(&page, width, false);
        fits(&mut chromium, width);
        draw(&mut chromium, &format!("drift-{width}"));
        let table = chromium.says("document.querySelector('.wide table').innerText");
        let rows: Vec<String> = table
            .as_str()
            .unwrap()
            .lines()
            .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(rows, ["Codex 0.133.0 0.144.4 0.163.0", "fails ✗ ✗ ✗", "holds ✓ ✓ ✓", "hostile ✓ ✓ ✓"]);
        let opened = "(async () => { document.querySelector('.wide tr:last-child a').click(); \
                      await new Promise(done => setTimeout(done, 100)); \
                      const it = document.querySelector(location.hash); \
                      return it.open + ' ' + it.querySelector('code').textContent })()";
        assert_eq!(chromium.says(opened), "true hostile");
        assert_eq!(chromium.complaints(), [""; 0]);
    }
    // Releases that show the same share one transcript.
    let text = std::fs::read_to_string(&page).unwrap();
    assert_eq!(text.matches("<h4>Wrong way</h4>").count(), 3);
}

#[test]
fn a_page_of_a_run_without_an_engine_says_that_nothing_ran() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let mut command = xtask(&["smoke", "smoke-1", "--report"]);
    command.arg(&page).env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    command.assert().code(3).stderr(contains("report.html"));
    let mut chromium = Chromium::start();
    chromium.opens(&page, 360, false);
    let banner = chromium.says("document.querySelector('.banner').innerText");
    let banner = banner.as_str().unwrap();
    assert!(
        banner.contains("ended early: no container engine") && banner.contains("1 check did not run"),
        "{banner}"
    );
}
