//! What the lessons' steps printed, read from their snapshots.

use std::fs;

use codex_remote_auth::codex::{Diagnosis, Outcome};
use codex_remote_auth::lessons::{Lesson, Tool, Way};
use codex_remote_auth::ssh::End;
use harness::release::{Pin, Pins, Version};
use harness::run::{ERAS, newest_release};

/// A step, on the releases that print the same.
pub(crate) struct Transcript {
    pub(crate) releases: Vec<Version>,
    pub(crate) way: Way,
    pub(crate) step: String,
    pub(crate) end: Ending,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// How a step ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Exit(i32),
    Deadline,
    /// The deploy logic refused it.
    Refused,
}

impl Transcript {
    /// Everything that it printed.
    pub(crate) fn output(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    pub(crate) fn status(&self) -> Option<i32> {
        match self.end {
            Ending::Exit(status) => Some(status),
            Ending::Deadline | Ending::Refused => None,
        }
    }

    pub(crate) fn diagnosis(&self) -> Option<Diagnosis> {
        let end = match self.end {
            Ending::Exit(status) => End::Exit(status),
            Ending::Deadline => End::Deadline,
            Ending::Refused => return None,
        };
        let outcome = Outcome { stdout: self.stdout.clone().into(), stderr: self.stderr.clone().into(), end };
        Some(Diagnosis::of(&outcome, None))
    }
}

/// A lesson's transcripts, for every release in its snapshot.
pub(crate) fn of(lesson: &Lesson) -> Vec<Transcript> {
    if lesson.is_reported() {
        return Vec::new();
    }
    let path = tests::root().join(format!("tests/snapshots/{}.snap", lesson.id));
    let text = fs::read_to_string(&path).unwrap();
    let page = text.splitn(3, "---\n").nth(2).unwrap();
    let sections: Vec<(Version, &str)> = match lesson.tool {
        Tool::Claude => vec![(newest_claude(), page)],
        Tool::Codex => page.split("== from ").skip(1).map(section).collect(),
    };
    let mut transcripts = Vec::new();
    for (at, (from, text)) in sections.iter().enumerate() {
        let until = sections.get(at + 1).map(|(release, _)| release);
        let mut releases = vec![from.clone()];
        if lesson.tool == Tool::Codex {
            releases = ERAS.into_iter().filter(|era| era >= from).collect();
            releases.retain(|era| until.is_none_or(|until| era < until) && lesson.codex.contains(era));
        }
        assert!(!releases.is_empty(), "{}: from {from}", lesson.id);
        let steps = format!("\n{text}");
        transcripts.extend(steps.split("\n# ").skip(1).map(|step| transcript(&releases, step)));
    }
    assert!(!transcripts.is_empty(), "{}", path.display());
    transcripts
}

/// The snapshots of lessons about Claude Code come from the newest pinned release.
fn newest_claude() -> Version {
    let pins = Pins::read(&tests::root().join("fixtures/codex-releases.toml")).unwrap();
    let claude = |pin: &&Pin| pin.tool == harness::release::Tool::Claude;
    pins.all().iter().rfind(claude).unwrap().version.clone()
}

fn section(text: &str) -> (Version, &str) {
    let (release, steps) = text.split_once('\n').unwrap();
    let release = if release == "the newest" { newest_release() } else { Version::parse(release).unwrap() };
    (release, steps)
}

fn transcript(releases: &[Version], text: &str) -> Transcript {
    let mut lines = text.lines();
    let title = lines.next().unwrap();
    let (way, step) = title.split_once(": ").unwrap_or((title, ""));
    let way = match way {
        "wrong" => Way::Wrong,
        "right" => Way::Right,
        other => panic!("neither wrong nor right: {other}"),
    };
    let mut lines = lines.skip_while(|line| line.starts_with("$ "));
    let end = match lines.next().unwrap() {
        "still running when its deadline passed" => Ending::Deadline,
        refused if refused.starts_with("error ") => Ending::Refused,
        exit => Ending::Exit(exit.strip_prefix("exit ").unwrap().parse().unwrap()),
    };
    let (mut stdout, mut stderr) = (String::new(), String::new());
    let mut stream = &mut stdout;
    for line in lines {
        match (line, line.strip_prefix("  ")) {
            ("stdout:", _) => {}
            ("stderr:", _) => stream = &mut stderr,
            ("", _) => stream.push('\n'),
            (_, Some(said)) => {
                stream.push_str(said);
                stream.push('\n');
            }
            (file, None) => assert!(file.starts_with("~/"), "{file}"),
        }
    }
    Transcript { releases: releases.to_vec(), way, step: step.to_owned(), end, stdout, stderr }
}
