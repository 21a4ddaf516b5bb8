//! What `doctor` finds, and that it changes nothing.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::account::{Account, login};
use crate::doctor_advice::findings;

fn finds(account: &Account, more: &[&str], status: i32) -> Value {
    let before = account.tree();
    let host = account.json(&[&["doctor"], more].concat(), status);
    assert_eq!(account.tree(), before, "{host}");
    host
}

#[test]
fn a_healthy_account_has_nothing_wrong() {
    let account = Account::with_login(&login("ann", 9));
    let host = finds(&account, &[], 0);
    assert!(!host.to_string().contains("\"problem\""), "{host}");
    let host = finds(&account, &["--live"], 0);
    assert!(host.to_string().contains("codex exec answered with this login"), "{host}");
}

#[test]
fn what_is_wrong_is_found() {
    let account =
        Account::with_login(&login("ann", 9)).file("config.toml", "forced_login_method = \"api\"", 0o666);
    account.mode("auth.json", 0o644);
    let host = finds(&account, &[], 1);
    for lesson in ["file-modes", "forced-login-method"] {
        assert!(host.to_string().contains(lesson), "{lesson}: {host}");
    }
    for name in ["config.toml", ".env"] {
        let open = Account::with_login(&login("ann", 9)).file(name, "", 0o666);
        let found = finds(&open, &[], 1)["findings"].to_string();
        assert!(found.contains(&format!("{name}, which decides where codex sends the login")), "{found}");
        assert!(found.contains("\"command\":\"cp ") && !found.contains("chown"), "{found}");
        assert!(!found.contains("deploy box"), "a deploy would be refused: {found}");
    }
    let empty = finds(&Account::new(), &[], 1);
    assert!(empty.to_string().contains("auth.json"), "{empty}");
}

#[test]
fn a_codex_that_hangs_does_not_hold_it_up() {
    let account = Account::with_login(&login("ann", 9)).codex("#!/bin/sh\nsleep 61 & wait\n");
    let began = Instant::now();
    finds(&account, &["--live", "--timeout", "4"], 1);
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
}

#[test]
fn codexs_own_doctor_is_missing_or_late_or_fails() {
    for (script, says) in [
        (
            "echo \"error: unrecognized subcommand 'doctor'\" >&2; exit 2",
            "not available in this release of codex",
        ),
        ("echo oh >&2; exit 7", "`codex doctor` printed no report (exit 7)"),
    ] {
        let codex = format!("#!/bin/sh\n[ \"$1\" != doctor ] || {{ {script}; }}\necho codex-cli 0.160.0\n");
        let account = Account::with_login(&login("ann", 9)).codex(&codex);
        let all = findings(&account);
        let doctor = all.iter().find(|finding| finding["subject"] == "codex doctor").unwrap();
        assert_eq!(doctor["what"], says);
    }
    let late = "#!/bin/sh\n[ \"$1\" != doctor ] || exec sleep 61\necho codex-cli 0.160.0\n";
    let account = Account::with_login(&login("ann", 9)).codex(late);
    let host = account.json(&["doctor", "--timeout", "60"], 0);
    assert!(host.to_string().contains("codex did not answer in time, and was stopped"), "{host}");
}

#[test]
fn the_verdict_is_first_and_last_and_a_finding_names_the_command_that_explains_it() {
    let account = Account::with_login(&login("ann", 9));
    account.mode("auth.json", 0o644);
    let ran = account.run(&["doctor", "box"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let verdict = lines[lines.len() - 1];
    assert!(
        verdict.starts_with("box: 1 problem, ") && lines[0].starts_with(&format!("{verdict}  ")),
        "{ran:?}"
    );
    let (_, explain) = ran.stdout.split_once("why: codex-remote-auth ").unwrap();
    let lesson = explain.lines().next().unwrap().strip_prefix("explain ").unwrap();
    let page = account.pastes(&format!("codex-remote-auth explain {lesson}"), true);
    assert!(page.0 == 0 && page.1.starts_with(&format!("{lesson}: ")), "{page:?}");
}

#[test]
fn what_several_hosts_have_is_printed_once() {
    let account = Account::with_login(&login("ann", 9));
    account.mode("auth.json", 0o644);
    let me = String::from_utf8(std::process::Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let other = format!("{}@box", me.trim());
    let ran = account.run(&["doctor", "box", "dead", &other]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.stdout.matches("others can read ").count(), 1, "{ran:?}");
    let all = "\n                          on all 2 hosts that were examined\n";
    assert!(ran.stdout.contains(all), "{ran:?}");
    let (_, recap) = ran.stdout.split_once("\nhosts:\n").unwrap();
    let hosts: Vec<&str> = recap.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(hosts[..3], ["box", "dead", other.as_str()]);
    assert_eq!(recap.lines().nth(3), Some("3 hosts: 2 examined (2 with problems), 1 not examined"));
    let older = ran.stdout.lines().find(|line| line.contains("codex-remote-auth deploy ")).unwrap();
    assert!(older.ends_with(&format!(" box {other}")), "{older}");
    let (_, command) = older.split_once("run here: ").unwrap();
    assert_eq!(account.pastes(command, true).0, 0, "{command}");
}

#[test]
fn json_has_the_words_of_the_screen() {
    let account = Account::with_login(&login("ann", 9));
    account.mode("auth.json", 0o644);
    let host = account.json(&["doctor"], 1);
    assert_eq!(host["result"], "problem");
    let mut levels: Vec<&str> = host["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["level"].as_str().unwrap())
        .collect();
    levels.sort_unstable();
    levels.dedup();
    assert_eq!(levels, ["note", "ok", "problem"]);
    let screen = account.run(&["doctor", "box"]).stdout;
    assert!(levels.iter().all(|level| screen.contains(&format!("\n  {level:<7}  "))), "{screen}");
}
