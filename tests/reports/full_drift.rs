//! The page of a drift over all releases: how large it is, and how long Chromium takes to open it.
//!
//! Downloading all releases takes gigabytes. So the page is made from what the runs on them showed: the releases are those of
//! docs/compatibility.json, and the transcripts those of the snapshots.

use std::fs;
use std::path::Path;
use std::time::Duration;

use codex_remote_auth::lessons::{Lesson, Tool};
use harness::report::compatibility::Compatibility;
use harness::report::{Outcome, Planned, Subject, Suite, html};
use harness::run::{CheckResult, Status, Transcript, Tries};
use semver::Version;
use tests::chromium::Chromium;

/// The bounds of docs/performance.md.
const LARGEST: usize = 3_000_000;
const LONGEST: Duration = Duration::from_secs(1);

/// What a lesson showed on a release: the last part of its snapshot that begins with this release or an earlier one.
fn transcript(lesson: &Lesson, release: &Version, newest: &Version) -> Transcript {
    let path = tests::root().join(format!("tests/snapshots/{}.snap", lesson.id));
    let text = fs::read_to_string(path).unwrap();
    let text = text.splitn(3, "---\n").last().unwrap();
    // A lesson about Claude Code shows the same on every release.
    let text =
        if text.starts_with("== from ") { text.to_owned() } else { format!("== from 0.0.0\n\n{text}") };
    let since = |part: &str| match part.lines().next().unwrap() {
        "the newest" => newest.clone(),
        release => release.parse().unwrap(),
    };
    let parts: Vec<&str> = text.split("== from ").skip(1).collect();
    let part = parts.iter().rfind(|part| since(part) <= *release).unwrap_or(&parts[0]);
    let mut transcript = Transcript::default();
    let mut lines = part.lines().skip(1).peekable();
    while let Some(line) = lines.next() {
        let Some(heading) = line.strip_prefix("# ") else {
            transcript.result(line, &[]);
            continue;
        };
        let mut command = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("$ ")) {
            command.push(&line[2..]);
        }
        transcript.step(heading, &command.join("\n"));
    }
    transcript
}

/// The outcome of a drift over all releases. `alike` says whether releases of one era show the same.
fn outcome(alike: bool) -> Outcome {
    let catalogue = tests::lessons();
    let record = fs::read_to_string(tests::root().join("docs/compatibility.json")).unwrap();
    let record = Compatibility::from_json(&record).unwrap();
    let suite = |(number, column): (usize, &harness::report::compatibility::Column)| {
        let tool = if column.tool == "claude" { Tool::Claude } else { Tool::Codex };
        let newest = record.of_tool(&column.tool).last().unwrap();
        let words =
            format!("{} {}", if tool == Tool::Claude { "Claude Code" } else { "Codex" }, column.release);
        let kind = if tool == Tool::Claude { "claude" } else { "real" };
        let codex = Subject { words, kind, release: Some(column.release.clone()), sha256: None };
        let of_tool = catalogue.lessons().iter().filter(|lesson| lesson.tool == tool);
        let (run, rest): (Vec<_>, Vec<_>) =
            of_tool.partition(|lesson| lesson.codex.contains(&column.release));
        let result = |lesson: &&Lesson| {
            let mut transcript = transcript(lesson, &column.release, &newest.release);
            if !alike {
                transcript.result(&format!("only here: {number}"), &[]);
            }
            CheckResult {
                tries: Tries { passed: 1, failed: 0 },
                files: Vec::new(),
                id: lesson.id.clone(),
                title: lesson.title.clone(),
                release: column.release.clone(),
                kind: "lesson",
                status: Status::Pass,
                ran: true,
                elapsed: Duration::from_millis(400),
                summary: "as expected".to_owned(),
                failures: Vec::new(),
                transcript,
                observed: Vec::new(),
            }
        };
        let mut suite = Suite::new(codex, run.iter().map(|lesson| Planned::from(*lesson)).collect());
        suite.results = run.iter().map(result).collect();
        suite.not_applicable = rest.into_iter().map(|lesson| lesson.id.clone()).collect();
        suite
    };
    let suites: Vec<Suite> = record.releases().iter().enumerate().map(suite).collect();
    assert!(suites.len() > 20, "{}", suites.len());
    let elapsed = Duration::from_secs(400);
    Outcome { command: "drift", catalogue: catalogue.clone(), target: None, suites, elapsed, stopped: None }
}

#[test]
fn the_page_of_a_full_drift_is_small_and_opens_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("drift.html");
    let mut chromium = Chromium::start();
    // It opens at once even if no two releases show the same.
    for alike in [false, true] {
        let text = html(&outcome(alike));
        fs::write(&page, &text).unwrap();
        // The first time it also starts its processes. Of several times, the shortest says most on a busy machine.
        let times: Vec<Duration> = (0..5).map(|_| chromium.opens(&page, 1280, false)).collect();
        println!("{} bytes, opened in {times:?}", text.len());
        assert!(!alike || text.len() <= LARGEST, "{} bytes", text.len());
        assert!(times.iter().min().unwrap() <= &LONGEST, "{times:?}");
    }
    let columns = chromium.says("document.querySelectorAll('.wide thead th').length").as_u64().unwrap();
    assert!(columns > 20, "{columns}");
    for width in [360, 1280] {
        chromium.opens(&page, width, width == 360);
        let beside = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(chromium.says(beside), 0, "{width}");
        chromium
            .draws(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("report-full-drift-{width}.png")));
    }
    assert_eq!(chromium.complaints(), [""; 0]);
}
