//! The picture of a terminal in the README: drawn from a run, and still what a run looks like.
//!
//! `cargo xtask picture` draws it again.

use std::path::PathBuf;

use regex::Regex;
use tests::Rig;

use crate::Case;
use crate::reader::Reader;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![is_what_a_run_looks_like]
}

/// The variable by which `cargo xtask picture` has the picture written.
const WRITE: &str = "CODEX_REMOTE_AUTH_WRITE_PICTURE";

/// What is typed in it.
const TYPED: &[&str] = &["codex-remote-auth doctor build1", "codex-remote-auth deploy build1"];

/// What differs from run to run, and what is drawn instead. No line is so long that its length matters for where it breaks.
const VARIES: &[(&str, &str)] = &[
    (r"\d+\.\d\d s", "0.52 s"),
    (r"\bu\d+@[0-9.]+:\d+", "me@build1:22"),
    (r"/home/[a-z0-9_]+", "/home/me"),
    (r"\b\d{4} bytes", "3997 bytes"),
    (r"\b\d+ (MiB|GiB)", "80 $1"),
    (r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", "2026-11-20 09:14"),
];

fn picture() -> PathBuf {
    tests::root().join("docs/session.svg")
}

fn is_what_a_run_looks_like(rig: &Rig) {
    let reader = Reader::new(rig);
    reader.accounts()[0].root("mkdir -p .npm-global/bin");
    let mut session = String::new();
    for line in TYPED {
        let (_, printed) = reader.types(&format!("COLUMNS=100 {line} --color always"));
        session += &format!("\u{1b}[1m$ {line}\u{1b}[0m\n{printed}\n");
    }
    for (varies, drawn) in VARIES {
        session = Regex::new(&format!("(?-u){varies}")).unwrap().replace_all(&session, *drawn).into_owned();
    }
    let drawn = anstyle_svg::Term::new().render_svg(session.trim_end());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(picture(), &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(picture()).unwrap_or_default();
    assert!(
        kept == drawn,
        "docs/session.svg is not what a run looks like now. Draw it again: cargo xtask picture"
    );
}
