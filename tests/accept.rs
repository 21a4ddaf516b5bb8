//! `drift --accept` writes what a release shows into a lesson, and the lesson then holds.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use codex_remote_auth::lessons::{Catalogue, Expect, Releases};
use codex_remote_auth::output::Colours;
use harness::report;
use harness::run::{
    ERAS, Quiet, ReleaseDrift, RunnerOptions, TestEnvironment, TestEnvironmentOptions, accept, catalogue,
    drift,
};
use harness::target::CodexUnderTest;

/// The lesson on `-p`. The first and the last of its wrong ways lack the releases before 0.134, and its right way expects a text
/// that no release prints.
const STALE: &str = r#"# A lesson that time has passed by.
id = "stale"
title = "-p selects a profile, not a prompt"
guide = "critical-knowledge"
verdict = "stale"
symptom = "invalid --profile value"
cause = "-p names a profile."   # as the manual has it
fix = "codex exec"
mutants = [{ id = "stub:profile-is-prompt", step = "right", field = "exit" }]

[given]
remote_login = "chatgpt"

[[wrong]]
name = "several words"
run = "codex -p 'my prompt'"
# Measured.
[[wrong.expect]]
exit = 2
stderr = ["invalid --profile value `my prompt`"]
diagnosis = "profile-name-invalid"

[[wrong]]
name = "one word"
run = "codex exec -p oneword --skip-git-repo-check 'Respond: OK'"
expect = [{ exit = 0, stdout = ["OK"] }] # nobody notices

[[right]]
run = "codex exec --skip-git-repo-check 'Respond: OK'"
expect = [{ exit = 0, stdout = ["OK", "and a song"], diagnosis = "works" }]
"#;

/// A lesson that expects a state of a file which no release leaves. No output shows that.
const FILE: &str = r#"id = "file"
title = "no file is there"
guide = "beyond"
verdict = "silent"
symptom = "s"
cause = "c"
fix = "f"
mutants = [{ id = "stub:profile-is-prompt", step = "right", field = "exit" }]

[given]
remote_login = "chatgpt"

[[wrong]]
run = "codex --version"
expect = [{ exit = 3, files = [{ path = ".codex/auth.json", is = "absent" }] }]

[[right]]
run = "codex exec --skip-git-repo-check 'Respond: OK'"
expect = [{ exit = 0, stdout = ["OK"] }]
"#;

fn run(test_environment: &TestEnvironment, lessons: &Catalogue) -> Vec<ReleaseDrift> {
    let options = RunnerOptions::new(3, test_environment.folder().to_owned());
    let of = |release| {
        drift(test_environment, lessons.lessons(), &CodexUnderTest::Stub(release), &options, &Quiet)
            .unwrap_or_else(|problem| panic!("{problem}"))
    };
    ERAS.into_iter().map(of).collect()
}

fn read(folder: &Path) -> Catalogue {
    catalogue(folder).unwrap_or_else(|problem| panic!("{problem}"))
}

#[test]
fn what_was_accepted_holds_in_the_next_run_and_what_no_output_tells_stays() {
    let folder = tempfile::tempdir().unwrap();
    let [stale, file] = ["stale.toml", "file.toml"].map(|name| folder.path().join(name));
    fs::write(&stale, STALE).unwrap();
    fs::write(&file, FILE).unwrap();
    let test_environment =
        TestEnvironment::open(&TestEnvironmentOptions::default(), &|what| eprintln!("{what}"));
    let test_environment = test_environment.unwrap_or_else(|lacks| panic!("{lacks}"));

    let lessons = read(folder.path());
    let drifts = run(&test_environment, &lessons);
    assert!(drifts.iter().all(|drift| !drift.holds()));
    let acceptance = accept(&drifts, lessons.lessons(), &[], folder.path());

    assert_eq!(acceptance.files, std::slice::from_ref(&stale));
    let written: Vec<(&str, String)> = acceptance
        .accepted
        .iter()
        .map(|accepted| (accepted.step.as_str(), accepted.expect.codex.to_string()))
        .collect();
    let wanted = [("wrong: several words", "<0.144.4"), ("wrong: one word", "<0.144.4"), ("right", "*")];
    assert_eq!(written, wanted.map(|(step, range)| (step, range.to_owned())));
    let old_profile = Expect {
        codex: Releases::try_from("<0.144.4".to_owned()).unwrap(),
        exit: Some(1),
        stderr: vec!["Error: config profile `oneword` not found".to_owned()],
        ..Expect::default()
    };
    assert_eq!(acceptance.accepted[1].expect, old_profile);
    assert_eq!(acceptance.by_hand.len(), 1);
    assert!(acceptance.by_hand[0].reason.contains(".codex/auth.json"), "{:?}", acceptance.by_hand);
    assert_eq!(fs::read_to_string(&file).unwrap(), FILE);

    let said = report::acceptance(&acceptance, Colours::Off);
    for part in ["ACCEPTED stale on <0.144.4", "BY HAND file", "git diff", "still fails"] {
        assert!(said.contains(part), "{said}");
    }

    let text = fs::read_to_string(&stale).unwrap();
    let untouched = |text: &str| -> Vec<String> {
        let is_expectation = |line: &str| {
            ["codex =", "exit =", "stderr =", "diagnosis =", "expect", "  {", "]", "[[wrong.expect"]
                .iter()
                .any(|begin| line.starts_with(begin))
        };
        text.lines().filter(|line| !is_expectation(line)).map(str::to_owned).collect()
    };
    assert_eq!(untouched(&text), untouched(STALE));
    assert!(text.contains("] # nobody notices\n"), "{text}");

    fs::remove_file(&file).unwrap();
    let drifts = run(&test_environment, &read(folder.path()));
    let failures: Vec<_> =
        drifts.iter().flat_map(|drift| &drift.cells).filter_map(|cell| cell.result.as_ref()).collect();
    assert!(drifts.iter().all(ReleaseDrift::holds), "{text}\n{failures:#?}");
    test_environment.end();
}
