//! `--version`: the version, and the commit where it is known.

use std::fs;
use std::path::Path;
use std::process::Command;

#[path = "../../build/version.rs"]
mod made;

use made::{git, with_commit};

fn commits(folder: &Path, file: &str) {
    for arguments in [
        &["init", "-q"][..],
        &["config", "user.name", "me"],
        &["config", "user.email", "me@example.invalid"],
        &["add", file],
        &["-c", "commit.gpgsign=false", "commit", "-q", "-m", "one", "--date", "2026-01-02T00:00:00Z"],
    ] {
        assert!(git(folder, arguments).is_some(), "git {arguments:?}");
    }
}

#[test]
fn the_program_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_codex-remote-auth")).arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.lines().count() == 1, "{text}");
    assert!(text.starts_with(&format!("codex-remote-auth {}", env!("CARGO_PKG_VERSION"))), "{text}");
}

#[test]
fn a_checkout_has_a_commit_and_a_date_and_says_if_it_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("Cargo.toml"), "").unwrap();
    commits(folder, "Cargo.toml");
    let hash = git(folder, &["rev-parse", "HEAD"]).unwrap();
    let date = git(folder, &["log", "-1", "--format=%cs"]).unwrap();
    let clean = format!("1.2.3 ({} {})", &hash[..10], date.trim());
    assert_eq!(with_commit("1.2.3", folder), clean);
    assert_eq!(with_commit("1.2.3", folder), clean, "the same each time");
    fs::write(folder.join("Cargo.toml"), "changed").unwrap();
    assert_eq!(with_commit("1.2.3", folder), clean.replace(')', ", modified)"));
}

#[test]
fn sources_from_a_package_have_the_commit_of_the_package() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| fs::write(folder.path().join(".cargo_vcs_info.json"), text).unwrap();
    write(
        "{\n  \"git\": {\n    \"sha1\": \"0123456789abcdef0123456789abcdef01234567\"\n  },\n  \"path_in_vcs\": \"x\"\n}",
    );
    assert_eq!(with_commit("1.2.3", folder.path()), "1.2.3 (0123456789)");
    write(
        "{\n  \"git\": {\n    \"sha1\": \"0123456789abcdef0123456789abcdef01234567\",\n    \"dirty\": true\n  }\n}",
    );
    assert_eq!(with_commit("1.2.3", folder.path()), "1.2.3 (0123456789, modified)");
    write("{ \"git\": { \"sha1\": \"");
    assert_eq!(with_commit("1.2.3", folder.path()), "1.2.3");
}

#[test]
fn sources_without_a_repository_or_in_that_of_another_project_have_only_the_version() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("other"), "").unwrap();
    commits(folder.path(), "other");
    let inner = folder.path().join("unpacked");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("Cargo.toml"), "").unwrap();
    assert_eq!(with_commit("1.2.3", &inner), "1.2.3");
    let none = tempfile::tempdir().unwrap();
    fs::write(none.path().join("Cargo.toml"), "").unwrap();
    assert_eq!(with_commit("1.2.3", none.path()), "1.2.3");
}
