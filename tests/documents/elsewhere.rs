//! The commands of the documents that are run by another test, each with that test, and the exit status of those that do not succeed.

use tests::Rig;

use crate::blocks::steps;
use crate::{Case, DOCUMENTS, text};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![every_command_that_is_run_elsewhere_is_run_there, every_exception_is_needed]
}

/// Why a reader does not run a command here.
enum Instead {
    /// This file runs it, by these words.
    RunBy(&'static str, &'static str),
    /// Nothing can run it as written.
    Cannot(&'static str),
}
use Instead::{Cannot, RunBy};

/// The beginning of each such command.
const ELSEWHERE: &[(&str, Instead)] = &[
    // It compiles for minutes.
    (
        "cargo install --locked --path codex-remote-auth",
        RunBy("tests/support.rs", "\"--package\", \"codex-remote-auth\""),
    ),
    // It runs this test.
    ("cargo test", RunBy("xtask/src/ci.rs", "&[\"test\", \"--locked\", \"--no-fail-fast\"]")),
    // They need a terminal, and what a person has there.
    ("cargo xtask repro profile-flag", RunBy("tests/repro.rs", "terminal(\"profile-flag\"")),
    ("cargo xtask repro --from error.log", RunBy("tests/repro.rs", "\"repro\", \"--from\"")),
    // Nothing may have failed before.
    ("cargo xtask smoke --failed", RunBy("tests/runs.rs", "\"smoke\", \"--failed\"")),
    // It builds and runs every server.
    ("cargo xtask smoke --flavour all", RunBy("xtask/src/ci.rs", "\"smoke\", \"--flavour\", \"all\"")),
    // They build for many minutes.
    ("cargo xtask dist", RunBy("xtask/src/ci.rs", "\"dist\"")),
    // They install what `cargo xtask dist` has built, on a machine of their own.
    ("sha256sum --check --ignore-missing SHA256SUMS", RunBy("tests/dist/main.rs", "\"sha256sum\"")),
    (
        "sudo apt install ./codex-remote-auth_0.1.0-1_amd64.deb",
        RunBy("tests/dist/main.rs", "apt-get install"),
    ),
    ("sudo apt remove codex-remote-auth", RunBy("tests/dist/main.rs", "apt-get remove")),
    ("pip install ./codex_remote_auth", RunBy("tests/dist/main.rs", "pip install")),
    ("uvx --from ./codex_remote_auth", RunBy("tests/dist/main.rs", "/dist/uvx")),
    ("tar xf codex-remote-auth-0.1.0-x86_64-linux.tar.gz", RunBy("tests/dist/main.rs", "tar ")),
    (
        "install -D codex-remote-auth-0.1.0-x86_64-linux/codex-remote-auth",
        Cannot("the test calls the program where the archive has it"),
    ),
    ("tar xf codex-remote-auth-0.1.0.crate", RunBy("tests/dist/cargo.rs", "tar ")),
    ("cargo install --locked --path codex-remote-auth-0.1.0", RunBy("tests/dist/cargo.rs", "--path")),
    // They write into the checkout.
    ("cargo xtask lessons --new my-lesson", RunBy("tests/cli/lesson_files.rs", "\"--new\"")),
    ("cargo xtask guide", RunBy("tests/cli/guide.rs", "\"guide\"")),
    ("cargo xtask smoke my-lesson", RunBy("tests/runs.rs", "\"smoke\"")),
    ("cargo xtask lessons --accept", RunBy("tests/runs.rs", "\"--accept\"")),
    // It asks an index on the network.
    ("cargo xtask releases --update", RunBy("tests/releases/update.rs", ".missing(")),
    ("cargo xtask drift 0.164.0", Cannot("there is no such release yet")),
    ("cargo xtask drift --write 0.164.0", Cannot("there is no such release yet")),
    ("cargo xtask drift --against stub 0.164.0", Cannot("there is no such release yet")),
    // Somebody has to approve it.
    ("codex-remote-auth login build2", RunBy("tests/login/main.rs", "\"login\", \"--issuer\"")),
];

/// The commands whose success is another exit status.
const STATUSES: &[(&str, &[i32])] = &[
    // Before the first deploy, a host has no login, which is a problem.
    ("codex-remote-auth doctor build1", &[0, 1]),
    ("codex-remote-auth doctor -o ConnectTimeout=5 build1", &[1]),
    // The login on the host is another account's, which the document says.
    ("codex-remote-auth deploy --hosts-file hosts.txt --retry-failed failed.txt", &[1]),
    ("codex-remote-auth deploy --retry-failed failed.txt", &[1]),
];

/// Whether another test runs this command.
pub(crate) fn runs(command: &str) -> bool {
    ELSEWHERE.iter().any(|(beginning, _)| begins(command, beginning))
}

/// The exit statuses that a command may have.
pub(crate) fn statuses(command: &str) -> &'static [i32] {
    STATUSES.iter().find(|(beginning, _)| begins(command, beginning)).map_or(&[0], |(_, statuses)| *statuses)
}

fn begins(command: &str, beginning: &str) -> bool {
    // A comment, an option or the rest of a file's name may follow.
    command.strip_prefix(beginning).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '-']))
}

fn every_command_that_is_run_elsewhere_is_run_there(_: &Rig) {
    for (command, instead) in ELSEWHERE {
        match instead {
            RunBy(file, words) => {
                assert!(text(file).contains(words), "`{command}`: {file} does not have `{words}`");
            }
            Cannot(why) => assert!(!why.is_empty(), "`{command}`: no reason"),
        }
    }
}

fn every_exception_is_needed(_: &Rig) {
    let commands: Vec<String> =
        DOCUMENTS.iter().flat_map(|document| steps(&text(document))).map(|step| step.command).collect();
    let statuses = STATUSES.iter().map(|(beginning, _)| beginning);
    for beginning in ELSEWHERE.iter().map(|(beginning, _)| beginning).chain(statuses) {
        assert!(commands.iter().any(|command| begins(command, beginning)), "no document has `{beginning}`");
    }
}
