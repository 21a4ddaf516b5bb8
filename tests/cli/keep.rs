//! Containers that `--keep` leaves.

use std::path::Path;
use std::process::Stdio;

use tests::started;

use crate::describes;

/// Runs a line as it would be pasted into a shell at this checkout's program, and closes its standard input.
fn pasted(line: &str, runtime: &Path) -> std::process::Output {
    let line = line.replace("cargo xtask", &format!("'{}'", env!("CARGO_BIN_EXE_xtask")));
    let mut command = started::command("sh");
    command.args(["-c", &line]).env("XDG_RUNTIME_DIR", runtime).stdin(Stdio::null());
    started::output(&mut command)
}

#[test]
fn what_keep_prints_works_when_it_is_pasted() {
    let runtime = tempfile::tempdir().unwrap();
    let kept = pasted("cargo xtask smoke profile-flag custom-port smoke-1 --keep", runtime.path());
    let text = String::from_utf8(kept.stdout).unwrap();
    assert_eq!(kept.status.code(), Some(0), "{text}");
    let (_, kept) = text.split_once("\nkept: ").unwrap();
    let after = |word: &str| {
        let line = kept.lines().map(str::trim).find(|line| line.starts_with(word));
        line.unwrap_or_else(|| panic!("{text}"))[word.len()..].trim().to_owned()
    };
    let flag = after("profile-flag");
    assert!(flag.ends_with("@box \"codex -p 'my prompt'\""), "{flag}");
    let output = pasted(&flag, runtime.path());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), said.contains("invalid --profile value")), (Some(2), true), "{said}");
    // A command of the machine that deploys, with its own account.
    let output = pasted(&after("custom-port"), runtime.path());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Connection refused"), "{said}");
    // A terminal is forced, since the test has none to offer.
    let shell = after("smoke-1").replace("ssh -t ", "printf 'codex --version\\nexit\\n' | ssh -tt ");
    let output = pasted(&shell, runtime.path());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("codex-cli 0.163.0"), "{said}");
    let removed = pasted("cargo xtask clean", runtime.path());
    assert!(String::from_utf8_lossy(&removed.stdout).contains("removed container"), "{removed:?}");
}

#[test]
fn a_program_reads_how_to_get_into_a_kept_container_and_how_to_remove_it() {
    let runtime = tempfile::tempdir().unwrap();
    let kept = pasted("cargo xtask smoke git-check --keep --format json", runtime.path());
    let report: serde_json::Value = serde_json::from_slice(&kept.stdout).unwrap();
    describes("smoke", &report);
    let kept = &report["kept"];
    let check = &kept["checks"][0];
    assert_eq!((&check["id"], &check["account"]), (&"git-check".into(), &"u1".into()), "{report}");
    let output = pasted(check["command"].as_str().unwrap(), runtime.path());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Not inside a trusted directory"), "{said}");
    assert!(Path::new(kept["ssh_config"].as_str().unwrap()).exists());
    let removed = pasted(kept["remove"].as_str().unwrap(), runtime.path());
    let said = String::from_utf8_lossy(&removed.stdout).into_owned();
    assert!(said.contains("removed container"), "{said}");
}
