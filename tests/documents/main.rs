//! The documents: a reader follows each from its first line to its last, runs every command as written, and compares every output shown.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod blocks;
mod elsewhere;
mod inline;
mod picture;
mod reader;
mod shown;

use std::process::ExitCode;

use tests::Rig;

type Case = tests::trials::Case<Rig>;

/// The documents that a person reads. `docs/compatibility.md` is generated and has no commands to run; the tests `guide` follow
/// `docs/SKILL.md`.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "CONTRIBUTING.md",
    "docs/README.md",
    "docs/usage.md",
    "docs/results.md",
    "docs/install.md",
    "docs/json.md",
    "docs/hosts.md",
    "docs/harness.md",
    "docs/pipelines.md",
    "docs/security.md",
    "docs/design.md",
    "docs/performance.md",
];

fn text(document: &str) -> String {
    std::fs::read_to_string(tests::root().join(document))
        .unwrap_or_else(|error| panic!("{document}: {error}"))
}

fn main() -> ExitCode {
    let followed = DOCUMENTS
        .iter()
        .map(|document| Case::new(*document, |rig| reader::Reader::new(rig).follows(document)));
    let modules = vec![
        ("followed", followed.collect()),
        ("blocks", blocks::cases()),
        ("elsewhere", elsewhere::cases()),
        ("inline", inline::cases()),
        ("picture", picture::cases()),
    ];
    tests::trials::run(modules, Rig::end)
}
