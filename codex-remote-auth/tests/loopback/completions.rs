//! The completions in real shells, with the hosts of a made-up `~/.ssh`, and the manual pages in a real `man`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A home whose SSH configuration and known hosts name some hosts.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let ssh = home.path().join(".ssh");
    fs::create_dir_all(ssh.join("more")).unwrap();
    fs::write(ssh.join("config"), "Include more/*\nHost zebra1 *.lan\n").unwrap();
    fs::write(ssh.join("more/team"), "Host zephyr2\n").unwrap();
    fs::write(ssh.join("known_hosts"), "zulu3,10.9.8.7 ssh-ed25519 AAAA\n|1|aaaa|bbbb ssh-ed25519 AAAA\n")
        .unwrap();
    home
}

/// A shell of this machine in this home, with the program on its PATH.
fn shell(name: &str, home: &Path, arguments: &[&str]) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_codex-remote-auth"));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", program.parent().unwrap().display());
    // A shell that waits for ever fails the test. It has no terminal of its own.
    let output = Command::new("timeout")
        .args(["120", name])
        .args(arguments)
        .env_clear()
        .envs([("PATH", path.as_str()), ("LANG", "C.UTF-8"), ("TERM", "xterm")])
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{name} is needed for this test (.ci/run installs it): {output:?}");
    text
}

/// What is typed, and what has to be among the candidates. The last word is being typed.
const TYPED: &[(&[&str], &[&str])] = &[
    (&["dep"], &["deploy"]),
    (&["deploy", "z"], &["zebra1", "zephyr2", "zulu3"]),
    (&["doctor", "--live", "ze"], &["zebra1", "zephyr2"]),
    (&["login", "root@ze"], &["root@zebra1", "root@zephyr2"]),
    (&["explain", "path-b"], &["path-bash"]),
    (&["deploy", "--back"], &["--backup"]),
    (&["deploy", "--format", "j"], &["json"]),
    (&["completions", "f"], &["fish"]),
];

/// What is typed, and what must not be among the candidates.
const NOT: &[(&[&str], &[&str])] =
    &[(&["deploy", "z"], &["*.lan", "|1|", "lan"]), (&["deploy", "ze"], &["zulu3"])];

fn completes(candidates: impl Fn(&[&str]) -> Vec<String>) {
    for (typed, expected) in TYPED {
        let shown = candidates(typed);
        for expected in *expected {
            let is_it =
                |shown: &String| shown == expected || shown.strip_prefix("--force=") == Some(expected);
            assert!(shown.iter().any(is_it), "{typed:?}: {expected} is not in {shown:?}");
        }
    }
    for (typed, absent) in NOT {
        let shown = candidates(typed);
        assert!(!shown.is_empty(), "{typed:?}");
        for absent in *absent {
            assert!(!shown.iter().any(|shown| shown.contains(absent)), "{typed:?}: {shown:?}");
        }
    }
}

#[test]
fn bash_completes() {
    let home = home();
    completes(|typed| {
        // As readline calls it: the words, the index of the last one, and that word as the second argument.
        let words = typed.join(" ");
        let script = format!(
            "source <(codex-remote-auth completions bash) || exit 1\n\
             complete -p codex-remote-auth >/dev/null || exit 1\n\
             COMP_WORDS=(codex-remote-auth {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_TYPE=9\n\
             COMP_LINE=\"${{COMP_WORDS[*]}}\"; COMP_POINT=${{#COMP_LINE}}\n\
             _clap_complete_codex_remote_auth codex-remote-auth \"${{COMP_WORDS[COMP_CWORD]}}\" x 2>/dev/null\n\
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let shown = shell("bash", home.path(), &["--norc", "--noprofile", "-c", &script]);
        shown.lines().map(|line| line.trim().to_owned()).collect()
    });
}

#[test]
fn fish_completes() {
    let home = home();
    completes(|typed| {
        let script = format!(
            "codex-remote-auth completions fish | source; or exit 1\ncomplete --do-complete 'codex-remote-auth {}'",
            typed.join(" ")
        );
        let shown = shell("fish", home.path(), &["--no-config", "-c", &script]);
        // A description follows after a tab.
        shown.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
    });
    // Bash takes `=` for the end of a word, and clap's script does not join the words again.
    let script = "codex-remote-auth completions fish | source\ncomplete --do-complete 'codex-remote-auth deploy --force=newer'";
    let shown = shell("fish", home.path(), &["--no-config", "-c", script]);
    assert!(shown.contains("--force=newer-login"), "{shown}");
}

#[test]
fn zsh_completes() {
    let home = home();
    // A zsh at a terminal of its own, in which Tab is pressed. The list of candidates ends with the mark.
    let driver = r#"
zmodload zsh/zpty || exit 1
zpty z zsh -f -i || exit 1
run() { zpty -w z "$1"; zpty -r -m z out "*$2*" || exit 1 }
run "PS1=; PS2=; autoload -U compinit; compinit -u -D; echo rea''dy1" "ready1"
run "source <(codex-remote-auth completions zsh); echo rea''dy2" "ready2"
zpty -w -n z "$1"$'\t\t'
zpty -r -m z out "*$2*" || exit 1
print -r -- "$out"
zpty -d z
"#;
    for (typed, expected) in [
        ("codex-remote-auth dep", "deploy"),
        ("codex-remote-auth deploy zu", "zulu3"),
        ("codex-remote-auth deploy ze", "zebra1"),
        ("codex-remote-auth login root@zep", "root@zephyr2"),
        ("codex-remote-auth explain path-b", "path-bash"),
        ("codex-remote-auth deploy --back", "--backup"),
    ] {
        let shown = shell("zsh", home.path(), &["-f", "-c", driver, "zsh", typed, expected]);
        assert!(shown.contains(expected), "{typed}: {shown}");
    }
}

#[test]
fn powershell_has_a_script_that_calls_the_program() {
    // There is no PowerShell on the machines of this project, so the script is not run.
    let script = shell("codex-remote-auth", home().path(), &["completions", "powershell"]);
    assert!(script.contains("Register-ArgumentCompleter -Native -CommandName codex-remote-auth"), "{script}");
}

#[test]
fn a_shell_that_is_not_known_runs_no_command() {
    let output = Command::new(env!("CARGO_BIN_EXE_codex-remote-auth"))
        .args(["deploy", "box"])
        .env("CODEX_REMOTE_AUTH_COMPLETE", "ksh")
        .output()
        .unwrap();
    assert!(output.status.code() == Some(2) && output.stdout.is_empty(), "{output:?}");
}

#[test]
fn the_manual_pages_are_rendered_without_a_warning() {
    let home = home();
    let pages = home.path().join("man");
    let said = shell("codex-remote-auth", home.path(), &["man", pages.to_str().unwrap()]);
    assert!(said.contains("8 pages written"), "{said}");
    let mut count = 0;
    for entry in fs::read_dir(&pages).unwrap() {
        let page = entry.unwrap().path();
        let rendered = Command::new("man")
            .args(["--warnings=w", "-E", "UTF-8", "-l"])
            .arg(&page)
            .env("MANWIDTH", "80")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8(rendered.stdout).unwrap();
        let warnings = String::from_utf8(rendered.stderr).unwrap();
        assert!(rendered.status.success() && warnings.is_empty(), "{}: {warnings}", page.display());
        for section in ["NAME", "SYNOPSIS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES"] {
            assert!(text.contains(&format!("\n{section}\n")), "{} has no {section}: {text}", page.display());
        }
        count += 1;
    }
    assert_eq!(count, 8);
    let printed = shell("codex-remote-auth", home.path(), &["man"]);
    assert_eq!(printed, fs::read_to_string(pages.join("codex-remote-auth.1")).unwrap());
}
