use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::*;
use crate::run::differences::{STILL_RUNNING, holds};
use crate::run::{About, CheckResult, Failure, Leak, Observed, Status, Transcript, Tries};
use crate::target::CodexUnderTest;
use codex_remote_auth::lessons::Field;

const LESSON: &str = r#"id = "one"
title = "t"
guide = "beyond"
verdict = "silent"
symptom = "s"
cause = "c"
fix = "f"
mutants = [{ id = "stub:profile-is-prompt", step = "wrong", field = "exit" }]

[[wrong]]
run = "codex"
[[wrong.expect]]
exit = 1
stderr = ["old words", "more"]
diagnosis = "not-trusted"

[[right]]
run = "codex exec"
expect = [{ exit = 0, stdout = ["OK"] }]
"#;

/// What a step of the lesson showed.
#[derive(Clone)]
struct Shown {
    end: &'static str,
    stderr: &'static str,
    diagnosis: &'static str,
    failed: Vec<(About, String)>,
}

fn as_expected() -> Shown {
    Shown { end: "exit 1", stderr: "old words, and more", diagnosis: "not-trusted", failed: Vec::new() }
}

fn otherwise() -> Shown {
    Shown {
        end: "exit 2",
        stderr: "Error: new words\n",
        diagnosis: "profile-name-invalid",
        failed: vec![
            (About::Expect(Field::Exit), "exit 1".to_owned()),
            (About::Expect(Field::Stderr), holds("stderr", "old words")),
            (About::Expect(Field::Stderr), holds("stderr", "more")),
            (About::Expect(Field::Diagnosis), "diagnosis not-trusted".to_owned()),
        ],
    }
}

fn release(version: &str, shown: &Shown) -> ReleaseDrift {
    let failure = |(about, expected): &(About, String)| Failure {
        step: "wrong".to_owned(),
        about: *about,
        command: "codex".to_owned(),
        account: "a".to_owned(),
        expected: expected.clone(),
        seen: "something".to_owned(),
        next: String::new(),
    };
    let failures: Vec<Failure> = shown.failed.iter().map(failure).collect();
    let step = |heading: &str, failures: Vec<Failure>| Observed {
        heading: heading.to_owned(),
        command: "codex".to_owned(),
        end: shown.end.to_owned(),
        diagnosis: shown.diagnosis,
        failures,
        stdout: String::new(),
        stderr: shown.stderr.to_owned(),
        files: Vec::new(),
        requests: Vec::new(),
    };
    let drifted = !failures.is_empty();
    let result = CheckResult {
        tries: Tries { passed: 0, failed: 1 },
        files: Vec::new(),
        id: "one".to_owned(),
        title: "t".to_owned(),
        release: Version::parse(version).unwrap(),
        kind: "lesson",
        status: if drifted { Status::Fail } else { Status::Pass },
        ran: true,
        elapsed: Duration::ZERO,
        summary: String::new(),
        failures: failures.clone(),
        transcript: Transcript::default(),
        observed: vec![step("wrong", failures), step("right", Vec::new())],
    };
    let cell = Cell {
        lesson: "one".to_owned(),
        status: if drifted { CellStatus::Drifted } else { CellStatus::Holds },
        seen: String::new(),
        result: Some(result),
    };
    let codex = CodexUnderTest::Stub(Version::parse(version).unwrap());
    ReleaseDrift { codex, cells: vec![cell], leaks: Vec::new(), elapsed: Duration::ZERO }
}

/// What came of a run, and the lesson's text afterwards.
fn run(text: &str, drifts: &[ReleaseDrift]) -> (Acceptance, String) {
    run_knowing(text, drifts, &[])
}

fn run_knowing(text: &str, drifts: &[ReleaseDrift], known: &[Version]) -> (Acceptance, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let acceptance = accept(drifts, &[toml::from_str(text).unwrap()], known, folder.path());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the lesson");
    assert_eq!(acceptance.files.len(), usize::from(!acceptance.accepted.is_empty()));
    (acceptance, fs::read_to_string(&path).unwrap())
}

fn ranges(text: &str) -> Vec<(String, Option<i32>)> {
    let lesson: Lesson = toml::from_str(text).unwrap();
    lesson.wrong[0].expect.iter().map(|expect| (expect.codex.to_string(), expect.exit)).collect()
}

fn by_hand(drifts: &[ReleaseDrift]) -> String {
    let (acceptance, text) = run(LESSON, drifts);
    assert_eq!(text, LESSON);
    assert_eq!(acceptance.accepted, []);
    acceptance.by_hand.first().expect("it is named").reason.clone()
}

#[test]
fn a_run_without_drift_writes_nothing() {
    let (acceptance, text) = run(LESSON, &[release("0.163.0", &as_expected())]);
    assert_eq!((acceptance, text.as_str()), (Acceptance::default(), LESSON));
}

#[test]
fn drift_from_a_release_on_is_written_from_there_on() {
    let drifts = [
        release("0.133.0", &as_expected()),
        release("0.163.0", &otherwise()),
        release("0.144.4", &otherwise()),
    ];
    let (acceptance, text) = run(LESSON, &drifts);
    assert_eq!(ranges(&text), [("<0.144.4".to_owned(), Some(1)), (">=0.144.4".to_owned(), Some(2))]);
    let [accepted] = acceptance.accepted.as_slice() else { panic!("{acceptance:?}") };
    assert_eq!((accepted.step.as_str(), accepted.expect.codex.to_string().as_str()), ("wrong", ">=0.144.4"));
    assert_eq!(accepted.expect.stderr, ["Error: new words"]);
    assert_eq!(accepted.expect.diagnosis.as_deref(), Some("profile-name-invalid"));
}

#[test]
fn drift_in_between_leaves_what_holds_on_both_sides() {
    let drifts = [
        release("0.133.0", &as_expected()),
        release("0.144.4", &otherwise()),
        release("0.163.0", &as_expected()),
    ];
    let (_, text) = run(LESSON, &drifts);
    let wanted = [("<0.144.4", 1), (">=0.144.4, <0.163", 2), (">=0.163", 1)];
    assert_eq!(ranges(&text), wanted.map(|(range, exit)| (range.to_owned(), Some(exit))));
}

#[test]
fn drift_at_the_oldest_alone_goes_down_to_the_first() {
    let drifts = [release("0.133.0", &otherwise()), release("0.163.0", &as_expected())];
    let (_, text) = run(LESSON, &drifts);
    assert_eq!(ranges(&text), [("<0.163".to_owned(), Some(2)), (">=0.163".to_owned(), Some(1))]);
}

#[test]
fn drift_everywhere_leaves_known_releases_before_the_run_alone() {
    let drifts = [release("0.144.4", &otherwise()), release("0.163.0", &otherwise())];
    let (_, text) = run_knowing(LESSON, &drifts, &[Version::new(0, 133, 0)]);
    assert_eq!(ranges(&text), [("<0.144.4".to_owned(), Some(1)), (">=0.144.4".to_owned(), Some(2))]);
    // Where none is known, no range is left that no release is in: a lesson with one is refused.
    let (_, text) = run(LESSON, &drifts);
    assert_eq!(ranges(&text), [("*".to_owned(), Some(2))]);
}

#[test]
fn of_a_known_release_that_was_not_run_nothing_new_is_said() {
    let known = ["0.133.0", "0.144.4", "0.163.0"].map(|release| Version::parse(release).unwrap());
    let (_, text) = run_knowing(LESSON, &[release("0.144.4", &otherwise())], &known);
    let lesson: Lesson = toml::from_str(&text).unwrap();
    let speaking = |release: &Version| {
        lesson.wrong[0].expect.iter().filter(|expect| expect.codex.contains(release)).count()
    };
    assert_eq!(known.each_ref().map(speaking), [1, 1, 1], "{text}");
    let new = lesson.wrong[0].expect.iter().find(|expect| expect.codex.contains(&known[1])).unwrap();
    for other in [&known[0], &known[2]] {
        assert!(!new.codex.contains(other), "{text}");
    }
}

#[test]
fn releases_that_drifted_differently_get_an_expectation_each() {
    let hangs = Shown { end: STILL_RUNNING, ..otherwise() };
    let drifts =
        [release("0.133.0", &as_expected()), release("0.144.4", &otherwise()), release("0.163.0", &hangs)];
    let (acceptance, text) = run(LESSON, &drifts);
    let wanted = [("<0.144.4", Some(1)), (">=0.144.4, <0.163", Some(2)), (">=0.163", None)];
    assert_eq!(ranges(&text), wanted.map(|(range, exit)| (range.to_owned(), exit)));
    assert!(acceptance.accepted[1].expect.hangs);
}

#[test]
fn an_old_text_that_is_still_there_is_kept_and_an_unknown_diagnosis_left_out() {
    let mut shown = otherwise();
    shown.diagnosis = "unknown";
    shown.stderr = "Error: new words, and more";
    shown.failed.retain(|(_, expected)| *expected != holds("stderr", "more"));
    let (acceptance, _) = run(LESSON, &[release("0.163.0", &shown)]);
    let shows = &acceptance.accepted[0].expect;
    assert_eq!((shows.stderr.as_slice(), &shows.diagnosis), (["more".to_owned()].as_slice(), &None));
}

#[test]
fn what_no_output_tells_is_left_to_a_person() {
    for (about, word) in [
        (About::Expect(Field::Never), "never"),
        (About::Expect(Field::Leaks), "secret"),
        (About::Expect(Field::Error), "the deploy"),
        (About::Expect(Field::Files), "file"),
        (About::Expect(Field::Witness), "called"),
        (About::Expect(Field::Cloud), "cloud"),
        (About::Run, "run"),
    ] {
        let mut shown = otherwise();
        shown.failed.push((about, "this".to_owned()));
        let reason = by_hand(&[release("0.163.0", &shown)]);
        assert!(reason.contains(word) && reason.contains("0.163.0"), "{reason}");
    }
}

#[test]
fn one_release_that_cannot_be_told_leaves_the_whole_lesson() {
    let mut error = release("0.144.4", &as_expected());
    error.cells[0].status = CellStatus::Error;
    assert!(by_hand(&[error, release("0.163.0", &otherwise())]).contains("to its end on 0.144.4"));

    let signal = Shown { end: "signal KILL", ..otherwise() };
    assert!(by_hand(&[release("0.163.0", &signal)]).contains("signal KILL"));

    let twice = [release("0.163.0", &otherwise()), release("0.163.0", &as_expected())];
    assert!(by_hand(&twice).contains("twice"));

    let mut leaked = release("0.163.0", &otherwise());
    leaked.leaks.push(Leak { place: "a log".to_owned(), form: "as it is", check: None });
    assert!(by_hand(&[leaked]).contains("secret"));

    let mut short = release("0.163.0", &otherwise());
    short.cells[0].result.as_mut().unwrap().observed.pop();
    assert!(by_hand(&[short]).contains("not all of its steps"));
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let edited = LESSON.replace("title = \"t\"", "title = \"u\"");
    fs::write(folder.path().join("one.toml"), &edited).unwrap();
    let lesson: Lesson = toml::from_str(LESSON).unwrap();
    let acceptance =
        accept(&[release("0.163.0", &otherwise())], std::slice::from_ref(&lesson), &[], folder.path());
    assert!(acceptance.by_hand[0].reason.contains("was changed during"), "{acceptance:?}");
    assert_eq!(fs::read_to_string(folder.path().join("one.toml")).unwrap(), edited);

    let gone = tempfile::tempdir().unwrap();
    let acceptance = accept(&[release("0.163.0", &otherwise())], &[lesson], &[], gone.path());
    assert!(acceptance.by_hand[0].reason.contains("cannot be read"), "{acceptance:?}");
}

#[test]
fn a_layout_that_would_not_be_kept_is_left_to_a_person() {
    let inline =
        LESSON.replace("[[right]]\nrun = \"codex exec\"\nexpect = [{ exit = 0, stdout = [\"OK\"] }]\n", "");
    let inline = inline.replace(
        "[[wrong]]\nrun = \"codex\"\n[[wrong.expect]]\nexit = 1\nstderr = [\"old words\", \"more\"]\ndiagnosis = \"not-trusted\"\n",
        "wrong = [{ run = \"codex\", expect = [{ exit = 1 }] }]\nright = [{ run = \"codex\", expect = [{ exit = 0 }] }]\n",
    );
    let caret = LESSON.replace("[[wrong.expect]]\n", "[[wrong.expect]]\ncodex = \"^0.163\"\n");
    for (text, word) in
        [(inline, "laid out"), (LESSON.replace('\n', "\r\n"), "laid out"), (caret, "the range `^0.163`")]
    {
        let (acceptance, after) = run(&text, &[release("0.163.0", &otherwise())]);
        assert_eq!(after, text);
        assert!(acceptance.by_hand[0].reason.contains(word), "{acceptance:?}");
    }
}

/// The steps of `LESSON` in another layout, and what becomes of its wrong way from 0.144.4 up to 0.163.
#[track_caller]
fn becomes(wrong: &str, wanted: &str) {
    let (head, tail) = LESSON.split_once("[[wrong]]\n").unwrap();
    let right = &tail[tail.find("[[right]]").unwrap()..];
    let text = |wrong: &str| format!("{head}[[wrong]]\n{wrong}\n# The right way.\n{right}");
    let drifts = [
        release("0.133.0", &as_expected()),
        release("0.144.4", &otherwise()),
        release("0.163.0", &as_expected()),
    ];
    let (acceptance, after) = run(&text(wrong), &drifts);
    assert_eq!(after, text(wanted), "{acceptance:?}");
}

#[test]
fn an_inline_expectation_becomes_several_one_a_line() {
    becomes(
        r#"run   =  "codex" # odd spaces
expect = [{ exit = 1, stderr = ["old words", "more"], diagnosis = "not-trusted", never = ["x"] }] # why
"#,
        r#"run   =  "codex" # odd spaces
expect = [
  { codex = "<0.144.4", exit = 1, stderr = ["old words", "more"], diagnosis = "not-trusted", never = ["x"] },
  { codex = ">=0.144.4, <0.163", exit = 2, stderr = ["Error: new words"], diagnosis = "profile-name-invalid", never = ["x"] },
  { codex = ">=0.163", exit = 1, stderr = ["old words", "more"], diagnosis = "not-trusted", never = ["x"] },
] # why
"#,
    );
}

#[test]
fn an_array_of_one_a_line_stays_one_with_its_comments() {
    becomes(
        r#"run = "codex"
expect = [
  # before
  { codex = "<0.134", exit = 1 }, # then
  { codex = ">=0.134", exit = 1, stderr = ["more"] }, # now
]
"#,
        r#"run = "codex"
expect = [
  # before
  { codex = "<0.134", exit = 1 }, # then
  { codex = ">=0.134, <0.163", exit = 2, stderr = ["Error: new words"] },
  { codex = ">=0.163", exit = 1, stderr = ["more"] }, # now
]
"#,
    );
}

#[test]
fn a_table_becomes_several_with_what_belongs_to_it() {
    becomes(
        r#"run = "codex"
# of old ones
[[wrong.expect]]
codex = "<0.163" # as measured
exit = 1
# not the name
never = ["name"]
[wrong.expect.cloud]
asked = 1
[[wrong.expect]]
codex = ">=0.163"
exit = 1
"#,
        r#"run = "codex"
# of old ones
[[wrong.expect]]
codex = "<0.144.4" # as measured
exit = 1
# not the name
never = ["name"]
[wrong.expect.cloud]
asked = 1
[[wrong.expect]]
codex = ">=0.144.4, <0.163"
exit = 2
stderr = ["Error: new words"]
never = ["name"]
cloud = { asked = 1 }
[[wrong.expect]]
codex = ">=0.163"
exit = 1
"#,
    );
}

#[test]
fn quotes_and_backslashes_survive() {
    let shown = Shown { stderr: "Error: \"a\" \\ 'b' `c`", ..otherwise() };
    let (acceptance, text) = run(LESSON, &[release("0.163.0", &shown)]);
    let lesson: Lesson = toml::from_str(&text).unwrap();
    assert_eq!(lesson.wrong[0].expect[0].stderr, [shown.stderr]);
    assert_eq!(acceptance.accepted[0].expect, lesson.wrong[0].expect[0]);
}

/// Every expectation of every lesson of the project can be replaced, and nothing around it changes.
#[test]
fn the_files_of_the_project_can_be_changed_and_keep_the_rest() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/lessons");
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let old: Lesson = toml::from_str(&text).unwrap();
        for (number, (way, step)) in old.steps().enumerate() {
            let at = if way == Way::Wrong { number } else { number - old.wrong.len() };
            let header = format!("[[{}]]", way.as_str());
            let begin = text.match_indices(&header).nth(at).unwrap().0;
            let next = ["\n[[wrong]]", "\n[[right]]"].map(|next| text[begin..].find(next));
            let end = next.into_iter().flatten().min().map_or(text.len(), |length| begin + length + 1);
            for (place, expect) in step.expect.iter().enumerate() {
                let new = Expect { exit: Some(77), hangs: false, ..expect.clone() };
                let parts = [(expect.clone(), false), (new, true)];
                let parts = parts.map(|(expect, is_new)| Part { expect, is_new });
                let after = lesson_file::replace(&text, way, at, place, &parts).unwrap();
                let mut wanted = old.clone();
                let steps = if way == Way::Wrong { &mut wanted.wrong } else { &mut wanted.right };
                steps[at].expect.splice(place..=place, parts.map(|part| part.expect));
                assert_eq!(toml::from_str::<Lesson>(&after).unwrap(), wanted, "{after}");
                assert!(after.starts_with(&text[..begin]) && after.ends_with(&text[end..]), "{after}");
            }
        }
    }
}
