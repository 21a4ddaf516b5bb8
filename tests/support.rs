//! Shared parts of the test programs: a container ([`Rig`]), accounts in it ([`account`]), a home on this machine ([`home`]) and
//! the installed program ([`program`]).
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot go on fails")]

pub mod account;
pub mod browser;
pub mod chromium;
pub mod claims;
pub mod guide_page;
pub mod home;
pub mod json_schema;
pub mod person;
pub mod recording_prompt;
pub mod rig;
pub mod running;
pub mod started;
pub mod subprocess;
pub mod terminal;
pub mod trace;
pub mod trials;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use codex_remote_auth::lessons::{Catalogue, Lesson};
use harness::run::catalogue;

pub use rig::Rig;

/// The checkout's root.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

/// The installed program, built as `cargo install` builds it: without features that another package of the checkout enables, but
/// also without optimizations.
pub fn program() -> &'static str {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let target = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
        // The path of this test program: target/debug/deps/this
        let target = target
            .ancestors()
            .nth(3)
            .unwrap_or_else(|| panic!("{} is in no target folder", target.display()));
        let built = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "--locked", "--package", "codex-remote-auth", "--target-dir"])
            .arg(target)
            .current_dir(root())
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the installed program does not build");
        target.join("debug/codex-remote-auth").display().to_string()
    })
}

/// All lessons.
pub fn lessons() -> Catalogue {
    catalogue(&root().join("fixtures/lessons")).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Compares a lesson's transcript with its snapshot.
pub fn assert_page(lesson: &Lesson, page: &str) {
    insta::with_settings!({
        snapshot_path => root().join("tests/snapshots"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
        description => lesson.title.clone(),
    }, {
        insta::assert_snapshot!(lesson.id.clone(), page);
    });
}
