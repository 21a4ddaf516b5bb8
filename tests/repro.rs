//! `cargo xtask repro`, as a person at a terminal uses it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use tempfile::TempDir;
use tests::lessons;
use tests::terminal::Terminal;

/// The key for the last command in the history.
const UP: &[u8] = b"\x1b[A";

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("xtask").unwrap();
    command.args(arguments).env_remove("DOCKER_HOST").env("NO_COLOR", "1");
    command
}

/// A terminal in which the command runs, apart from other runs.
fn terminal(arguments: &str, runtime: &TempDir) -> Terminal {
    let program = xtask(&[]).get_program().to_owned();
    let line = format!("stty cols 200; '{}' repro {arguments}", program.display());
    Terminal::runs(&line, &[("XDG_RUNTIME_DIR", runtime.path().as_os_str()), ("TERM", OsStr::new("dumb"))])
}

/// Types a command when the shell is ready, and waits for what it prints.
fn says(terminal: &mut Terminal, prompt: &str, keys: &[u8], answer: &str) {
    let before = terminal.shown().len();
    terminal.hears(prompt, keys);
    terminal.hears_after(before, answer);
}

/// Checks that nothing is left of the runs in this folder.
fn nothing_is_left(runtime: &TempDir) {
    let cleaned = xtask(&["clean"]).env("XDG_RUNTIME_DIR", runtime.path()).assert().code(0);
    let said = String::from_utf8(cleaned.get_output().stdout.clone()).unwrap();
    assert!(!said.contains("removed container"), "{said}");
}

#[test]
fn a_shell_is_opened_before_the_failing_step_and_nothing_is_left() {
    let runtime = tempfile::tempdir().unwrap();
    let mut terminal = terminal("profile-flag", &runtime);
    let prompt = ":~$ ";
    terminal.hears(prompt, b"");
    let shown = terminal.shown();
    for line in [
        "profile-flag: -p selects a profile",
        "symptom  config profile `my prompt` not found",
        "cause    Claude Code's -p prints an answer",
        "place    on the host, before the step `wrong: a bare call, several words`",
        "type     codex -p 'my prompt' </dev/null",
        "or       `step` (",
    ] {
        assert!(shown.contains(&format!("\n{line}")) || shown.contains(line), "{line}\n{shown}");
    }
    // The history has the command, and it fails as the lesson says.
    terminal.hears(prompt, UP);
    says(&mut terminal, "codex -p 'my prompt' </dev/null", b"\n", "invalid --profile value `my prompt`");
    says(&mut terminal, prompt, b"step\n", "[exit 2]");
    says(&mut terminal, prompt, b"fix\n", "[exit 0]");
    // Another terminal can ask for the same.
    let fixed = contains("# right\n$ ssh remote ").and(contains("\n[exit 0]\n"));
    xtask(&["repro", "profile-flag", "--fix"])
        .env("XDG_RUNTIME_DIR", runtime.path())
        .assert()
        .code(0)
        .stdout(fixed);
    says(&mut terminal, prompt, b"touch left; ls -A; again\n", "as it was before the step");
    says(&mut terminal, prompt, b"echo count=$(ls -A | grep -c left)\n", "count=0");
    terminal.hears(prompt, b"exit\n");
    terminal.ends(0);
    nothing_is_left(&runtime);
}

#[test]
fn a_case_of_the_machine_that_deploys_is_there() {
    let runtime = tempfile::tempdir().unwrap();
    let mut terminal = terminal("custom-port --step 3", &runtime);
    let prompt = ":~$ ";
    terminal.hears(prompt, UP);
    assert!(terminal.shown().contains("place    on the machine that deploys, before the step `right`"));
    assert!(terminal.shown().contains("for the host: cargo xtask repro custom-port --as remote"));
    says(&mut terminal, "scp -q -P 22222 ~/.codex/auth.json", b"\n", "OK");
    terminal.hears(prompt, b"exit\n");
    terminal.ends(0);
    nothing_is_left(&runtime);
}

#[test]
fn a_kept_case_is_left_until_it_is_cleaned() {
    let runtime = tempfile::tempdir().unwrap();
    let mut terminal = terminal("path-zsh --keep", &runtime);
    says(&mut terminal, "% ", b"step\n", "command not found: codex");
    terminal.hears("% ", b"exit\n");
    let shown = String::from_utf8_lossy(&terminal.ends(0)).into_owned();
    let way_in = shown.lines().find_map(|line| line.trim().strip_prefix("kept: ")).unwrap();
    let way_in = way_in.replace("ssh -t", "ssh -n").replace("'exec $SHELL'", "'echo $ZSH_VERSION'");
    let output = Command::new("sh").args(["-c", &way_in]).assert().code(0);
    assert!(output.get_output().stdout.starts_with(b"5."), "{way_in}");
    let cleaned = xtask(&["clean"]).env("XDG_RUNTIME_DIR", runtime.path()).assert().code(0);
    cleaned.stdout(contains("removed container"));
}

#[test]
fn what_is_no_case_is_refused_with_what_would_be_one() {
    for (arguments, code, said, hint) in [
        (&["profile-flag"][..], 2, "needs a terminal", "cargo xtask repro profile-flag --print"),
        (
            &["profile-flag", "--step", "9"],
            2,
            "has no step 9; its steps are 1 to 5",
            "cargo xtask lessons profile-flag",
        ),
        (&["profile-flag", "--step", "0"], 2, "has no step 0", "cargo xtask lessons profile-flag"),
        (&["smoke-5"], 2, "`smoke-5` is a smoke test", "cargo xtask smoke smoke-5 --keep"),
        (&["path-*"], 2, "`path-*` selects 3 lessons", "cargo xtask lessons 'path-*'"),
        (
            &["profile-flag", "--as", "local"],
            2,
            "has no machine that deploys",
            "cargo xtask repro profile-flag",
        ),
        (
            &["profile-legacy", "--codex", "stub:0.133"],
            2,
            "only about Codex >=0.134",
            "add --codex stub:RELEASE",
        ),
        (&["profile-flag", "--fix"], 2, "no case of profile-flag is open", "cargo xtask repro profile-flag"),
        (&["profile-flg"], 4, "did you mean `profile-flag`?", "cargo xtask lessons lists"),
        (&["--from", "/nonexistent"], 2, "cannot read /nonexistent", "name a file"),
    ] {
        let expected = contains(said).and(contains(format!("\n  hint: {hint}")));
        xtask(&[&["repro"], arguments].concat()).assert().code(code).stdout("").stderr(expected);
    }
}

#[test]
fn a_case_is_found_by_what_was_printed() {
    let from = |text: &str| {
        let mut command = xtask(&["repro", "--from", "-", "--print"]);
        command.write_stdin(text.to_owned()).assert()
    };
    let unknown_home = "12:00:01 Error: CODEX_HOME points to \"/x\", but that path does not exist";
    from(unknown_home).code(0).stdout(contains("# codex-home-missing: "));
    let several =
        contains("4 lessons print this output").and(contains("\n  hint: cargo xtask repro git-check  # "));
    from("Not inside a trusted directory and --skip-git-repo-check was not specified.")
        .code(2)
        .stderr(several);
    from("hello").code(4).stderr(contains("no lesson knows this output\n  hint: cargo xtask lessons"));
}

#[test]
fn the_script_of_a_case_runs_without_the_harness() {
    for lesson in lessons().lessons() {
        let script = xtask(&["repro", &lesson.id, "--print"]).assert().code(0).get_output().stdout.clone();
        Command::new("sh").arg("-n").write_stdin(script.clone()).assert().code(0);
        assert!(!String::from_utf8(script).unwrap().contains("@HOME@"), "{}", lesson.id);
    }

    let rig = tests::Rig::default();
    let person = rig.person(2);
    let folder = tempfile::tempdir().unwrap();
    let run = |lesson: &str, host: &str| {
        let file = folder.path().join("case.sh");
        fs::write(&file, xtask(&["repro", lesson, "--print"]).assert().get_output().stdout.clone()).unwrap();
        let mut command = Command::new("sh");
        let login = person.path(".codex/auth.json");
        command
            .arg(&file)
            .arg(host)
            .arg(login)
            .env("PATH", path_with_ssh(folder.path(), &person.path("config")));
        let output = command.output().unwrap();
        let all = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(all).unwrap())
    };
    let (code, said) = run("git-check", "box0");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Not inside a trusted directory") && said.contains("\nOK\n[exit 0]\n"), "{said}");
    // An account with a login of its own is left alone.
    let (code, said) = run("git-check", "box0");
    assert_eq!((code, said.contains("box0 has a ~/.codex already")), (Some(1), true), "{said}");
    rig.end();
}

/// A PATH on which `ssh` uses this configuration.
fn path_with_ssh(folder: &Path, config: &Path) -> String {
    let ssh = folder.join("ssh");
    let real = tests::started::on_path("ssh");
    fs::write(&ssh, format!("#!/bin/sh\nexec '{}' -F '{}' \"$@\"\n", real.display(), config.display()))
        .unwrap();
    fs::set_permissions(&ssh, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}
