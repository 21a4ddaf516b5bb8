//! The commands that run checks, as a user calls them: each can fail, leaves nothing out, and reports what was seen.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("xtask").unwrap();
    command.args(arguments).env_remove("GITHUB_ACTIONS").env_remove("DOCKER_HOST").env_remove("NO_COLOR");
    command
}

/// A folder with these lessons, each under its name.
fn folder(lessons: &[(&str, String)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (id, text) in lessons {
        fs::write(folder.path().join(format!("{id}.toml")), text).unwrap();
    }
    folder
}

const HOLDS: &str = "run = 'true'\nexpect = [{ exit = 0 }]";
const UNNOTICED: &str = "{ id = 'stub:mode-reset', step = 'wrong', field = 'files' }";

/// A lesson with one wrong and one right way. `top` adds keys to the lesson.
fn lesson(id: &str, top: &str, mutants: &str, wrong: &str, right: &str) -> (&'static str, String) {
    let text = format!(
        "id = '{id}'\ntitle = 't'\nguide = 'beyond'\nverdict = 'silent'\nsymptom = 's'\ncause = 'c'\nfix = 'f'\n\
         mutants = [{mutants}]\n{top}\n[given]\nlogin = 'chatgpt'\nremote_login = 'chatgpt'\n\
         [[wrong]]\n{wrong}\n[[right]]\n{right}\n"
    );
    (Box::leak(id.to_owned().into_boxed_str()), text)
}

fn with_lessons(arguments: &[&str], folder: &TempDir) -> Command {
    let mut command = program(arguments);
    command.arg("--lessons").arg(folder.path());
    command
}

fn json(command: &mut Command, code: i32) -> Value {
    let output = command.args(["--format", "json"]).assert().code(code);
    let report: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    describes(if report.get("checks").is_some() { "smoke" } else { "drift" }, &report);
    report
}

#[test]
fn a_lesson_that_could_never_be_checked_as_a_whole_is_refused() {
    let expect = |ranges: [&str; 2]| {
        let [one, other] = ranges;
        let wrong = format!(
            "run = 'true'\nexpect = [{{ codex = '{one}', exit = 0 }}, {{ codex = '{other}', exit = 0 }}]"
        );
        lesson("one", "", UNNOTICED, &wrong, HOLDS).1
    };
    let top = |top: &str| lesson("one", top, UNNOTICED, HOLDS, HOLDS).1;
    let mutant = |mutant: &str| lesson("one", "", mutant, HOLDS, HOLDS).1;
    let twice = "run = 'true'\nexpect = [{ exit = 0 }]\n[[wrong]]\nrun = 'true'\nexpect = [{ exit = 0 }]";
    let cases: [(String, &str); 11] = [
        (
            expect(["<0.147", ">=0.134"]),
            "step `wrong` has two expectations for 0.134.0: `<0.147` and `>=0.134`",
        ),
        (expect(["*", "<0.134"]), "two expectations for 0.0.0"),
        (expect(["<=0.140.2", ">=0.140.2"]), "two expectations for 0.140.2"),
        (expect(["*", ">=7"]), "an expectation of step `wrong` is for `>=7`, and no known release"),
        (expect(["*", "<0.1"]), "is for `<0.1`, and no known release"),
        (top("codex = '>=7'"), "the lesson is for `>=7`, and no known release"),
        (top("tool = 'claude'\ncodex = '<2'"), "the lesson is for `<2`, and no known release"),
        (top("signs = [{ says = ['some ten letters'], codex = '>=7' }]"), "a sign is for `>=7`"),
        (top("silent = [{ step = '', codex = '>=7', because = 'b' }]"), "the silent step `` is for `>=7`"),
        (
            mutant("{ id = 'stub:mode-reset', step = 'wrong: no', field = 'exit' }"),
            "step `wrong: no`, which the lesson has not",
        ),
        (lesson("one", "", UNNOTICED, twice, HOLDS).1, "two steps are called `wrong`"),
    ];
    for (text, why) in cases {
        let folder = folder(&[("one", text.clone())]);
        let refused = contains("one.toml:").and(contains("one.toml: ").not()).and(contains(why));
        with_lessons(&["smoke"], &folder).assert().code(2).stdout("").stderr(refused);
    }
    let no_field = mutant("{ id = 'stub:mode-reset', step = 'wrong', field = 'colour' }");
    let refused = contains("one.toml:8:").and(contains("unknown variant `colour`"));
    with_lessons(&["lessons"], &folder(&[("one", no_field)])).assert().code(2).stderr(refused);
    // One range may end with the release that the next one begins with: that is what ranges are for.
    let folder = folder(&[("one", expect(["<0.134", ">=0.134"]))]);
    with_lessons(&["lessons"], &folder).assert().code(0).stdout(contains("one"));
}

#[test]
fn a_check_that_fails_is_told_by_what_was_seen() {
    let wrong = "run = 'echo the-seen; exit 3'\nexpect = [{ exit = 0, stdout = ['the-expected'] }]";
    let folder = folder(&[lesson("one", "", UNNOTICED, wrong, HOLDS)]);
    let output = with_lessons(&["smoke", "one"], &folder).assert().code(1);
    let said = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    // One fault is one block, whatever number of fields it fails in.
    let blocks: Vec<&str> = said.split("\n\nFAIL ").collect();
    let [_, block] = blocks[..] else { panic!("{said}") };
    assert!(block.starts_with("one: t\n  step      wrong\n"), "{said}");
    let merged = "  expected  exit 0\n            stdout contains: the-expected\n  \
                  seen      exit 3\n            stdout: the-seen\n  files ";
    assert!(block.contains(merged), "{said}");
    let files = "\n  files     ~ directory 755\n            ~/.codex directory 755\n            ~/.codex/auth.json file 600\n";
    assert!(block.contains(files), "{said}");
    let by_hand = format!(
        "\n  hint: to try it by hand: cargo xtask repro one --step 1 --lessons {}\n",
        folder.path().display()
    );
    assert!(block.contains(&by_hand), "{said}");
    for line in said.lines().filter(|line| line.contains("the-expected")) {
        assert!(line.trim_start().starts_with("stdout contains: "), "{line}");
    }

    let report = json(&mut with_lessons(&["smoke", "one"], &folder), 1);
    let check = &report["checks"][0];
    let summary = check["summary"].as_str().unwrap();
    assert!(summary.contains("the-seen") && !summary.contains("the-expected"), "{summary}");
    assert_eq!(check["files"][2], "~/.codex/auth.json file 600");
    let failures = check["failures"].as_array().unwrap();
    let fields: Vec<_> = failures.iter().map(|failure| failure["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["exit", "stdout"]);
    for failure in failures {
        assert_eq!(failure["step"], "wrong");
        assert!(!failure["seen"].as_str().unwrap().contains("the-expected"), "{failure}");
    }
}

#[test]
fn a_hang_is_told_once_and_in_words() {
    let wrong =
        "run = 'sleep 30'\ndeadline = 0.3\nexpect = [{ exit = 0, stdout = ['OK'], diagnosis = 'works' }]";
    let folder = folder(&[lesson("one", "", UNNOTICED, wrong, HOLDS)]);
    let output = with_lessons(&["smoke", "one"], &folder).assert().code(1);
    let said = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert_eq!((said.matches("\nFAIL ").count(), said.matches("  command ").count()), (1, 1), "{said}");
    let seen = "  seen      still running when its deadline passed\n            diagnosis timed-out\n";
    assert!(said.contains(seen), "{said}");
    for word in ["Deadline", "Exit(", "Login", "it works", "next "] {
        assert!(!said.contains(word), "{word}\n{said}");
    }
}

#[test]
fn the_command_that_a_failure_prints_runs_the_check_again() {
    let folder = folder(&[lesson("one", "", UNNOTICED, "run = 'true'\nexpect = [{ exit = 7 }]", HOLDS)]);
    let runtime = tempfile::tempdir().unwrap();
    let output = with_lessons(&["smoke", "one", "--codex", "stub:0.133"], &folder).assert().code(1);
    let said = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let again = said.lines().find_map(|line| line.split("keep its account: cargo xtask ").nth(1)).unwrap();
    let xtask = Command::cargo_bin("xtask").unwrap().get_program().to_owned();
    let paste = |line: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec '{}' {line}", xtask.display())]);
        command.env("XDG_RUNTIME_DIR", runtime.path());
        command
    };
    let kept = contains("with the stub of Codex 0.133.0").and(contains("FAIL one: t"));
    paste(again).assert().code(1).stdout(kept.and(contains("\nkept: ")));
    paste("clean").assert().code(0).stdout(contains("removed container"));
}

#[test]
fn what_failed_is_run_again_and_the_rest_waits_for_it() {
    let fails = |exit: u8| format!("run = 'true'\nexpect = [{{ exit = {exit} }}]");
    let failing = |id| lesson(id, "", UNNOTICED, &fails(7), HOLDS);
    let folder = folder(&[failing("one"), failing("two"), lesson("three", "", UNNOTICED, &fails(0), HOLDS)]);
    let listed = || {
        let output = with_lessons(&["smoke", "--failed", "--list"], &folder).assert();
        let output = output.get_output();
        (output.status.code(), String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap())
    };
    let ids = |text: &str| text.lines().map(|line| line[..5].trim().to_owned()).collect::<Vec<_>>();
    let (code, said) = listed();
    assert_eq!((code, said.contains("no run is recorded")), (Some(4), true), "{said}");

    // One of the three fails before the others begin.
    let calls = ["smoke", "one", "two", "three", "--fail-fast", "--jobs", "1"];
    let report = json(&mut with_lessons(&calls, &folder), 1);
    let statuses: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["status"].as_str().unwrap()).collect();
    assert_eq!((statuses.len(), statuses.last()), (3, Some(&"not-run")), "{report}");
    let stopped = with_lessons(&[&calls[..], &["--order", "random", "--seed", "7"]].concat(), &folder);
    let text = contains(" not run with the stub").and(contains("to repeat it: --order random --seed 7\n"));
    { stopped }.assert().code(1).stdout(text);

    // After a whole run, what failed is left, and after it is corrected, nothing.
    with_lessons(&["smoke", "one", "two", "three"], &folder).assert().code(1);
    assert_eq!(ids(&listed().1), ["one", "two"]);
    fs::write(folder.path().join("one.toml"), lesson("one", "", UNNOTICED, &fails(0), HOLDS).1).unwrap();
    with_lessons(&["smoke", "--failed"], &folder).assert().code(1).stdout(contains("1 passed, 1 failed"));
    assert_eq!(ids(&listed().1), ["two"]);
    with_lessons(&["smoke", "three", "--failed"], &folder).assert().code(4);
    fs::write(folder.path().join("two.toml"), lesson("two", "", UNNOTICED, &fails(0), HOLDS).1).unwrap();
    with_lessons(&["smoke", "--failed"], &folder).assert().code(0);
    let (code, said) = listed();
    assert_eq!((code, said.contains("every check passed in the last run")), (Some(4), true), "{said}");
}

#[test]
fn a_check_that_passes_at_times_is_flaky_and_fails() {
    let at_times = "run = 'exit $(($(id -u) % 2))'\nexpect = [{ exit = 0 }]";
    let folder = folder(&[
        lesson("one", "", UNNOTICED, at_times, HOLDS),
        lesson("two", "", UNNOTICED, "run = 'true'\nexpect = [{ exit = 0 }]", HOLDS),
    ]);
    let arguments = ["smoke", "one", "two", "--repeat", "4", "--timings"];
    let output = with_lessons(&arguments, &folder).assert().code(1);
    let said = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert_eq!(
        said.lines().filter(|line| line.starts_with("ok ") || line.starts_with("FAIL  ")).count(),
        8,
        "{said}"
    );
    assert!(said.contains("\n  flaky     failed 2 of 4 times\n"), "{said}");
    assert!(said.contains("\n1 passed, 1 failed (1 flaky) with the stub"), "{said}");
    let timings = said.split("\nslowest first:\n").nth(1).unwrap();
    assert!(timings.lines().take(2).all(|line| line.contains(" s ") && line.contains(" %  ")), "{said}");

    let report = json(&mut with_lessons(&arguments[..5], &folder), 1);
    let tries = |at: usize| report["checks"][at]["tries"].clone();
    assert_eq!(tries(0), serde_json::json!({"passed": 2, "failed": 2}));
    assert_eq!(tries(1), serde_json::json!({"passed": 4, "failed": 0}));
}

#[test]
fn a_leak_is_told_with_the_check_whose_login_it_is() {
    let witness = "mkdir -p ~/.codex-stub/witness; echo \"[\\\"$t\\\"]\" >~/.codex-stub/witness/9.json";
    let shows = format!("run = '''{TOKEN}\n{witness}'''\ndeadline = 60\nexpect = [{{ exit = 0 }}]");
    let folder = folder(&[
        lesson("shows-it", "", UNNOTICED, &shows, HOLDS),
        lesson("another", "", UNNOTICED, HOLDS, HOLDS),
    ]);
    let output = with_lessons(&["smoke"], &folder).args(["shows-it", "another"]).assert().code(1);
    let said = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let leak = "\nLEAK shows-it: a secret was seen, as it is: the witness of a codex\n  \
                hint: to run it again and keep its account: cargo xtask smoke shows-it --keep";
    assert!(said.contains(leak), "{said}");
    let summary = "2 passed, 0 failed with the stub of Codex 0.163.0; a secret was seen in 1 place;";
    assert!(said.contains(summary), "{said}");
}

#[test]
fn a_drift_counts_what_it_names() {
    let folder = folder(&[lesson("one", "", UNNOTICED, HOLDS, HOLDS)]);
    let said = contains("\n1 check on 1 release: 1 holds, 0 drifted; no secret was seen; ");
    with_lessons(&["drift", "stub:0.163.0"], &folder).assert().code(0).stdout(said);
}

/// Holds only if another check runs at the same time.
const MEETS: &str = r#"run = '''
mkdir -p -m 1777 /dev/shm/meeting; touch /dev/shm/meeting/$USER
count() { set -- /dev/shm/meeting/*; echo $#; }
for try in $(seq 100); do [ $(count) -lt 2 ] || break; sleep 0.03; done
met=$(count); sleep 1; rm /dev/shm/meeting/$USER; [ $met -ge 2 ]
'''
deadline = 60
expect = [{ exit = 0 }]"#;

#[test]
fn as_many_checks_run_at_once_as_jobs_says() {
    const KILLED: &str = "{ id = 'stub:everyone-refused', step = 'right', field = 'exit' }";
    let answers =
        "run = \"codex exec --skip-git-repo-check 'Respond: OK'\"\nexpect = [{ exit = 0, stdout = ['OK'] }]";
    let lessons = ["one", "two"].map(|id| lesson(id, "codex = '>=0.147'", KILLED, MEETS, answers));
    let folder = folder(&lessons);
    let smoke = |jobs: &str| {
        json(&mut with_lessons(&["smoke", "one", "two", "--jobs", jobs], &folder), i32::from(jobs == "1"))
    };
    let passed = |report: &Value| {
        report["checks"].as_array().unwrap().iter().filter(|check| check["status"] == "pass").count()
    };
    assert_eq!((passed(&smoke("2")), passed(&smoke("1"))), (2, 0));
    with_lessons(&["drift", "stub:0.163.0", "--jobs", "2"], &folder).assert().code(0);
    with_lessons(&["drift", "stub:0.163.0", "--jobs", "1"], &folder).assert().code(1);
    let sick = contains("0 killed, 2 survived").and(contains("fails without the mutant too"));
    with_lessons(&["mutants", "one", "two", "--jobs", "1"], &folder).assert().code(1).stdout(sick);
}

#[test]
fn a_mutant_is_killed_in_its_step_and_field_alone() {
    let answers =
        "run = \"codex exec --skip-git-repo-check 'Respond: OK'\"\nexpect = [{ exit = 0, stdout = ['OK'] }]";
    let refused = |id: &str, step: &str, field: &str, wrong: &str| {
        let mutant = format!("{{ id = 'stub:everyone-refused', step = '{step}', field = '{field}' }}");
        lesson(id, "codex = '>=0.147'", &mutant, wrong, answers)
    };
    let sick = "run = 'true'\nexpect = [{ exit = 1 }]";
    let lost = "run = 'chmod 000 ~'\nexpect = [{ exit = 0, files = [{ path = 'no', is = 'absent' }] }]";
    let lessons = [
        refused("killed", "right", "exit", HOLDS),
        refused("other-field", "right", "never", HOLDS),
        refused("other-step", "wrong", "exit", HOLDS),
        lesson("unnoticed", "codex = '>=0.147'", UNNOTICED, HOLDS, HOLDS),
        refused("sick", "wrong", "exit", sick),
        refused("lost", "right", "exit", lost),
    ];
    let folder = folder(&lessons);
    let ids: Vec<&str> = lessons.iter().map(|(id, _)| *id).collect();
    let output = with_lessons(&[&["mutants"], &ids[..]].concat(), &folder).assert().code(1);
    let said = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let told: Vec<(&str, &str)> = said
        .lines()
        .filter(|line| line.contains("stub:"))
        .map(|line| (line.split_whitespace().nth(1).unwrap(), line.split_whitespace().next().unwrap()))
        .collect();
    let of = |id| told.iter().find(|(lesson, _)| *lesson == id).unwrap().1;
    assert_eq!(told.len(), lessons.len(), "{said}");
    for id in ids {
        assert_eq!(of(id), if id == "killed" { "killed" } else { "SURVIVED" }, "{id}\n{said}");
    }
    assert!(said.contains("1 killed, 5 survived"), "{said}");
    for why in ["the check held", "another failure was seen", "fails without the mutant too"] {
        assert!(said.contains(why), "{why}\n{said}");
    }
    with_lessons(&["mutants", "killed"], &folder).assert().code(0);
}

/// The names of the lessons about Codex that are run, from their files.
fn lesson_files() -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fixtures/lessons");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_run = |text: &str| !text.contains("tool = \"claude\"") && !text.contains("verdict = \"reported\"");
    paths
        .filter(|path| is_run(&fs::read_to_string(path).unwrap()))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn no_lesson_is_left_out() {
    let ids = |list: &Value, key: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
    };
    let drift = json(&mut program(&["drift", "stub:0.163.0"]), 0);
    let cells = ids(&drift["releases"][0]["cells"], "lesson");
    assert_eq!(cells.len(), lesson_files().len(), "{cells:?}");
    assert_eq!(cells.into_iter().collect::<BTreeSet<_>>(), lesson_files());

    let smoke = json(&mut program(&["smoke"]), 0);
    let run: BTreeSet<String> = ids(&smoke["checks"], "id").into_iter().collect();
    let seven = (1..=7).map(|number| format!("smoke-{number}"));
    assert_eq!(run, lesson_files().into_iter().chain(seven).collect());
}

/// Reads a token from the login without starting a program, so that it is in no command line.
const TOKEN: &str = "t=$(<~/.codex/auth.json); t=${t#*refresh_token}; t=${t#*rt_}; t=${t%%[!A-Za-z0-9]*}";

#[test]
fn a_secret_is_found_in_every_place_that_is_searched() {
    let shows = |id: &str, how: &str| {
        let wrong = format!("run = '''{TOKEN}\n{how}'''\ndeadline = 60\nexpect = [{{ exit = 0 }}]");
        lesson(id, "", UNNOTICED, &wrong, HOLDS)
    };
    let asks = |port: &str, what: &str| {
        format!("exec 3<>/dev/tcp/127.0.0.1/{port}; {what} >&3; cat <&3 >/dev/null; :")
    };
    let witness = "mkdir -p ~/.codex-stub/witness; echo \"[\\\"$t\\\"]\" >~/.codex-stub/witness/9.json";
    let places = [
        ("an output of output", shows("output", "echo $t")),
        ("the cloud's records", shows("records", &asks("8790", r#"printf 'GET /%s HTTP/1.0\r\n\r\n' $t"#))),
        ("the container's log", shows("log", &asks("22222", r"printf '%s\r\n' $t"))),
        ("a command line or an environment in the container", shows("arguments", "sh -c 'sleep 0.5; :' $t")),
        ("a command line or an environment in the container", shows("environment", "T=$t sleep 0.5")),
        // This process has looked the same for a while before it gets the secret.
        (
            "a command line or an environment in the container",
            shows("late", "(sleep 0.2; exec sh -c 'sleep 0.5; :' $t)"),
        ),
        ("the witness of a codex", shows("witness", witness)),
    ];
    for (place, (id, text)) in places {
        let folder = folder(&[(id, text)]);
        let report = json(&mut with_lessons(&["smoke", id], &folder), 1);
        let seen: Vec<&str> =
            report["leaks"].as_array().unwrap().iter().map(|leak| leak["place"].as_str().unwrap()).collect();
        assert_eq!(seen, [place], "{id}: {report}");
        assert_eq!(report["leaks"][0]["check"], id, "{report}");
        let status = if id == "output" { "fail" } else { "pass" };
        assert_eq!((&report["result"], &report["checks"][0]["status"]), (&"fail".into(), &status.into()));
    }
}

fn accepts(folder: &TempDir, id: &str, code: i32) -> String {
    let mut command = with_lessons(&["lessons", "--accept", id], folder);
    String::from_utf8(command.assert().code(code).get_output().stdout.clone()).unwrap()
}

#[test]
fn a_new_lesson_is_accepted_once_nothing_is_missing() {
    let folder = folder(&[]);
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/lessons");
    for entry in fs::read_dir(fixtures).unwrap() {
        let from = entry.unwrap().path();
        fs::copy(&from, folder.path().join(from.file_name().unwrap())).unwrap();
    }
    with_lessons(&["lessons", "--new", "a-new-one"], &folder).assert().success();
    let said = accepts(&folder, "a-new-one", 1);
    for part in [
        "== from 0.133.0",
        "Not inside a trusted directory and",
        "wrote the snapshot",
        "killed   a-new-one  stub:git-check-skipped",
        "a-new-one.toml:4:10, 10:12, 11:10, 12:8, 18:",
        "still says TODO",
        "takes the output of `wrong` for the lesson git-check",
        "hint: add git-check to `same_output_as`",
        " real releases\n    hint: cargo xtask drift --write --lesson a-new-one",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let snapshot = fs::read_to_string(folder.path().join("a-new-one.snap")).unwrap();
    assert!(snapshot.contains("description: \"TODO: what it teaches, in one line\"\n---\n== from 0.133.0\n"));
    assert!(accepts(&folder, "a-new-one", 1).contains("the snapshot is unchanged"));

    let path = folder.path().join("a-new-one.toml");
    let edit = |edits: &[(&str, &str)]| {
        let text = fs::read_to_string(&path).unwrap();
        let text = edits.iter().fold(text, |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replace(old, new)
        });
        fs::write(&path, text).unwrap();
    };
    // Now it expects too little, has a verdict on the guide, and lists a step as silent that has an output.
    edit(&[
        ("TODO: some words of the output", "Not inside a trusted directory"),
        ("TODO", "words"),
        (
            "verdict = \"silent\"",
            "verdict = \"holds\"\nsame_output_as = [\"git-check\"]\ndiagnoses = [\"not-trusted\"]",
        ),
        ("stub:git-check-skipped", "stub:mode-reset"),
        ("# silent = [{ step = \"its name\"", "silent = [{ step = \"\""),
    ]);
    let said = accepts(&folder, "a-new-one", 1);
    for part in [
        "SURVIVED a-new-one  stub:mode-reset",
        "does not notice the mutant stub:mode-reset",
        "expect more in `exit` of step `wrong`",
        "its `signs` also match the output of `wrong: in a plain directory` in the lesson git-check",
        "fixtures/guide.toml",
        "`wrong` is in `silent`",
        "the diagnosis not-trusted is also in the lesson git-check",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert!(!said.contains("TODO"), "{said}");
    edit(&[
        ("Not inside a trusted directory\"] }]", "some other words\"] }]"),
        ("same_output_as = [\"git-check\"]\n", ""),
        ("silent = [{ step = \"\"", "# silent = [{"),
    ]);
    fs::remove_file(folder.path().join("git-check.toml")).unwrap();
    let said = accepts(&folder, "a-new-one", 1);
    assert!(said.contains("`explain` does not recognise the output of `wrong`"), "{said}");

    // If it does not hold, nothing is written.
    fs::remove_file(folder.path().join("a-new-one.snap")).unwrap();
    let two = "expect = [{ codex = \"<0.134\", exit = 7 }, { codex = \">=0.134\", exit = 1,";
    edit(&[("expect = [{ exit = 1,", two)]);
    let said = accepts(&folder, "a-new-one", 1);
    assert!(said.contains("a-new-one does not hold on 0.133.0; its snapshot was not written"), "{said}");
    assert!(!folder.path().join("a-new-one.snap").exists());
}

/// The command writes the same snapshot that insta writes for the test `lessons`.
#[test]
fn a_lesson_of_the_project_lacks_nothing_and_its_snapshot_is_the_one_that_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let id = "profile-flag";
    let text = |id: &str| fs::read_to_string(root.join(format!("fixtures/lessons/{id}.toml"))).unwrap();
    let folder = folder(&[(id, text(id)), ("exec-for-scripts", text("exec-for-scripts"))]);
    assert!(accepts(&folder, id, 0).contains("nothing is missing"));
    let written = fs::read_to_string(folder.path().join(format!("{id}.snap"))).unwrap();
    let there = fs::read_to_string(root.join(format!("tests/snapshots/{id}.snap"))).unwrap();
    assert_eq!(written, there);
}

/// Checks a report against the part of the schema that has this name.
fn describes(definition: &str, report: &Value) {
    let schema = tests::root().join("docs/harness-schema.json");
    let errors = tests::json_schema::errors(&schema, definition, report);
    assert!(errors.is_empty(), "docs/harness-schema.json does not allow this: {errors:?}\n{report:#}");
}
