//! Every field of an `expect` is checked: for each, there are steps that fail only this field, and the check reports
//! this field and no other.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use codex_remote_auth::lessons::{Field, Lesson};
use harness::run::{About, Check, CheckResult, Quiet, Runner, RunnerOptions, Status, newest_release};
use tests::Rig;

/// A text to expect that no step ever prints.
const UNSEEN: &str = "this-is-nowhere-to-be-seen";

/// A field, the state of the account, and a step that fails only this field.
const ALONE: &[(Field, &str, &str)] = &[
    (Field::Exit, "", "run = 'exit 3'\nexpect = [{ exit = 0 }]"),
    (Field::Exit, "", "run = 'kill -9 $$'\nexpect = [{ exit = 0 }]"),
    (Field::Hangs, "", "run = 'true'\nexpect = [{ hangs = true }]"),
    (Field::Hangs, "", "run = 'sleep 60'\ndeadline = 0.5\nexpect = [{ codex = '*' }]"),
    (Field::Stdout, "", "run = 'echo one; echo two >&2'\nexpect = [{ exit = 0, stdout = ['one', 'two'] }]"),
    (Field::Stderr, "", "run = 'echo one >&2; echo two'\nexpect = [{ exit = 0, stderr = ['one', 'two'] }]"),
    (Field::Never, "", "run = 'echo one'\nexpect = [{ exit = 0, never = ['two', 'one'] }]"),
    (Field::Never, "", "run = 'echo one >&2'\nexpect = [{ exit = 0, never = ['one'] }]"),
    (Field::Leaks, CHATGPT_THERE, "run = 'cat ~/.codex/auth.json'\nexpect = [{ exit = 0 }]"),
    (Field::Leaks, CHATGPT_THERE, "run = 'base64 -w 0 ~/.codex/auth.json >&2'\nexpect = [{ exit = 0 }]"),
    (Field::Leaks, CHATGPT_THERE, "run = 'true'\nexpect = [{ exit = 0, leaks = true }]"),
    (Field::Diagnosis, "", "run = 'true'\nexpect = [{ exit = 0, diagnosis = 'not-trusted' }]"),
    (
        Field::Error,
        CHATGPT,
        "deploy = { no_proof = true }\nexpect = [{ exit = 0, error = 'remote-is-fresher' }]",
    ),
    (Field::Error, CHATGPT, "deploy = { login = 'empty' }\nexpect = [{ exit = 1 }]"),
    (
        Field::Error,
        CHATGPT,
        "deploy = { login = 'empty' }\nexpect = [{ exit = 1, error = 'auth-too-large' }]",
    ),
    (Field::Files, "", "run = 'touch it'\nexpect = [{ exit = 0, files = [{ path = 'it', is = 'absent' }] }]"),
    (Field::Files, "", "run = 'true'\nexpect = [{ exit = 0, files = [{ path = 'it', is = 'file' }] }]"),
    (Field::Files, "", "run = 'mkdir it'\nexpect = [{ exit = 0, files = [{ path = 'it', is = 'file' }] }]"),
    (
        Field::Files,
        "",
        "run = 'touch it'\nexpect = [{ exit = 0, files = [{ path = 'it', is = 'directory' }] }]",
    ),
    (Field::Files, "", "run = 'touch it'\nexpect = [{ exit = 0, files = [{ path = 'it', is = 'link' }] }]"),
    (
        Field::Files,
        CHATGPT_BOTH,
        "run = 'true'\nexpect = [{ exit = 0, files = [{ path = '.codex/auth.json', is = 'login' }] }]",
    ),
    (
        Field::Files,
        CHATGPT_BOTH,
        "deploy = { no_proof = true, force = true }\nexpect = [{ exit = 0, files = [{ path = '.codex/auth.json', is = 'remote-login' }] }]",
    ),
    (
        Field::Files,
        "",
        "run = 'touch it; chmod 640 it'\nexpect = [{ exit = 0, files = [{ path = 'it', is = 'file', mode = '600' }] }]",
    ),
    (
        Field::Files,
        "",
        "run = 'touch one'\nexpect = [{ exit = 0, files = [{ path = 'one', is = 'file' }, { path = 'two', is = 'file' }] }]",
    ),
    (Field::Cloud, CHATGPT_THERE, "run = '@ASK@'\nexpect = [{ exit = 0, cloud = { asked = 2 } }]"),
    (Field::Cloud, CHATGPT_THERE, "run = '@ASK@'\nexpect = [{ exit = 0, cloud = { asked = 0 } }]"),
    (
        Field::Cloud,
        CHATGPT_THERE,
        "run = '@ASK@'\nexpect = [{ exit = 0, cloud = { asked = 1, renewed = 1 } }]",
    ),
    (Field::Cloud, RENEWABLE, "run = '@ASK@'\nexpect = [{ exit = 0, cloud = { asked = 1, renewed = 0 } }]"),
    (Field::Cloud, CHATGPT_THERE, "run = 'codex logout'\nexpect = [{ exit = 0, cloud = { revoked = 0 } }]"),
    (Field::Cloud, CHATGPT_THERE, "run = 'true'\nexpect = [{ exit = 0, cloud = { revoked = 1 } }]"),
    (Field::Findings, "", "run = '@ASK@'\nexpect = [{ exit = 1 }]"),
    (Field::Findings, "", "run = '@ASK@'\nexpect = [{ exit = 1, findings = ['refresh-token-reused'] }]"),
    (Field::Findings, "", "run = 'true'\nexpect = [{ exit = 0, findings = ['answer-without-login'] }]"),
    (Field::Witness, "", "run = 'codex --version'\nexpect = [{ exit = 0, witness = { calls = 2 } }]"),
    (Field::Witness, "", "run = 'codex --version'\nexpect = [{ exit = 0, witness = { calls = 0 } }]"),
    (Field::Witness, "", "run = 'codex --version'\nexpect = [{ exit = 0, witness = { stdin = 'eof' } }]"),
    (Field::Witness, "", "run = 'true'\nexpect = [{ exit = 0, witness = { stdin = 'eof' } }]"),
    (
        Field::Witness,
        "",
        "run = 'ONE=1 codex --version'\nexpect = [{ exit = 0, witness = { env = ['ONE', 'TWO'] } }]",
    ),
];

const CHATGPT: &str = "login = 'chatgpt'";
const CHATGPT_THERE: &str = "remote_login = 'chatgpt'";
const CHATGPT_BOTH: &str = "login = 'chatgpt'\nremote_login = 'chatgpt'";
const RENEWABLE: &str = "remote_login = 'renewable'";

/// A lesson with this wrong way. Its right way holds, unless another is given.
fn lesson(id: &str, given: &str, step: &str, right: &str) -> Lesson {
    let step = step.replace("@ASK@", "codex exec --skip-git-repo-check hi");
    let text = format!(
        "id = '{id}'\ntitle = 't'\nguide = 'beyond'\nverdict = 'silent'\nsymptom = 's'\ncause = 'c'\nfix = 'f'\n\
         mutants = [{{ id = 'stub:mode-reset', step = 'wrong', field = 'files' }}]\n\
         [given]\n{given}\n[[wrong]]\n{step}\n[[right]]\n{right}\n"
    );
    toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const HOLDS: &str = "run = 'true'\nexpect = [{ exit = 0 }]";

/// Runs lessons in parallel in a separate container.
fn run(lessons: &[Lesson]) -> Vec<CheckResult> {
    let shared = Rig::default();
    let container = shared.test_environment().container().unwrap();
    let results = {
        let runner =
            Runner::new(&container, RunnerOptions::new(4, shared.test_environment().folder().to_owned()));
        let checks = lessons.iter().map(|lesson| Check::lesson(lesson, newest_release())).collect();
        let batch = runner.prepare(checks).unwrap();
        runner.run(&batch, &Quiet).unwrap().checks
    };
    container.stop().unwrap();
    shared.test_environment().end();
    results
}

/// The steps and fields that failed.
fn failed(result: &CheckResult) -> Vec<(&str, About)> {
    result.failures.iter().map(|failure| (failure.step.as_str(), failure.about)).collect()
}

#[test]
fn each_field_fails_alone_and_nothing_of_what_was_expected_passes_for_seen() {
    let rows = ALONE.iter().enumerate();
    let lessons: Vec<Lesson> =
        rows.map(|(row, (_, given, step))| lesson(&format!("row-{row}"), given, step, HOLDS)).collect();
    let results = run(&lessons);
    for ((field, given, step), result) in ALONE.iter().zip(&results) {
        let about = format!("{field}: {given}\n{step}\n{:#?}", result.failures);
        assert!(result.ran, "{about}");
        assert_eq!(failed(result), [("wrong", About::Expect(*field))], "{about}");
        assert_eq!(result.status, Status::Fail, "{about}");
        let short = result.failures[0].seen_in_short(200);
        assert_eq!(result.summary, format!("wrong, {field}: {short}"), "{about}");
    }
    let fields: BTreeSet<Field> = ALONE.iter().map(|(field, ..)| *field).collect();
    assert_eq!(fields, BTreeSet::from(Field::ALL), "a field has no row");
}

#[test]
fn a_finding_belongs_to_its_step() {
    let finds = "run = '@ASK@'\nexpect = [{ exit = 1 }]";
    let named = "run = 'true'\nexpect = [{ exit = 0, findings = ['answer-without-login'] }]";
    let results = run(&[lesson("apart", "", finds, named)]);
    let findings = About::Expect(Field::Findings);
    assert_eq!(failed(&results[0]), [("wrong", findings), ("right", findings)]);
}

#[test]
fn what_was_only_expected_is_told_as_expected_alone() {
    let steps = [
        format!("run = 'echo one'\nexpect = [{{ exit = 0, stdout = ['{UNSEEN}'] }}]"),
        format!("run = 'echo one'\nexpect = [{{ exit = 0, stderr = ['{UNSEEN}'] }}]"),
        format!("run = 'true'\nexpect = [{{ exit = 0, diagnosis = '{UNSEEN}' }}]"),
        format!("run = 'true'\nexpect = [{{ exit = 0, error = '{UNSEEN}' }}]"),
        format!("run = 'true'\nexpect = [{{ exit = 0, findings = ['{UNSEEN}'] }}]"),
        format!("run = 'true'\nexpect = [{{ exit = 0, witness = {{ stdin = '{UNSEEN}' }} }}]"),
    ];
    let holds = format!("run = 'echo one'\nexpect = [{{ exit = 0, never = ['{UNSEEN}'] }}]");
    let mut lessons: Vec<Lesson> =
        steps.iter().enumerate().map(|(row, step)| lesson(&format!("row-{row}"), "", step, HOLDS)).collect();
    lessons.push(lesson("holds", "", &holds, HOLDS));
    let results = run(&lessons);
    let (holding, failing) = results.split_last().unwrap();
    for (step, result) in steps.iter().zip(failing) {
        let [failure] = result.failures.as_slice() else { panic!("{step}\n{:#?}", result.failures) };
        assert!(failure.expected.contains(UNSEEN), "{failure:#?}");
        assert!(!failure.seen.contains(UNSEEN) && !result.summary.contains(UNSEEN), "{result:#?}");
        assert!(!result.transcript.as_str().contains(UNSEEN), "{result:#?}");
    }
    assert_eq!((holding.status, holding.summary.as_str()), (Status::Pass, "wrong: “one”; right: exit 0"));
}

#[test]
fn a_step_without_an_expectation_for_the_release_fails() {
    let results =
        run(&[lesson("silent", "", "run = 'true'\nexpect = [{ codex = '<0.134', exit = 0 }]", HOLDS)]);
    assert_eq!(failed(&results[0]), [("wrong", About::Run)]);
    assert!(results[0].failures[0].seen.contains("0.163.0"), "{:#?}", results[0].failures);
}

#[test]
fn files_that_nobody_could_look_at_do_not_pass_for_absent() {
    let step = "run = 'chmod 000 ~'\nexpect = [{ exit = 0, files = [{ path = 'no-such', is = 'absent' }] }]";
    let results = run(&[lesson("closed", "", step, HOLDS)]);
    assert!(!results[0].ran, "{:#?}", results[0]);
    assert!(results[0].failures[0].seen.contains("files cannot be looked at"), "{:#?}", results[0].failures);
}

#[test]
fn a_witness_that_cannot_be_read_does_not_pass_for_no_call() {
    let step = "run = 'codex --version; echo no JSON >>$(echo ~/.codex-stub/witness/*)'\n\
                expect = [{ exit = 0, witness = { calls = 1 } }]";
    let results = run(&[lesson("garbled", "", step, HOLDS)]);
    assert!(!results[0].ran, "{:#?}", results[0]);
    assert!(results[0].failures[0].seen.contains("is no JSON"), "{:#?}", results[0].failures);
}
