//! The help, and calls that are wrong.

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

use crate::xtask;

#[test]
fn help_names_every_verb() {
    let mut all = xtask(&["--help"]).assert().success();
    for verb in [
        "deploy", "rollback", "doctor", "login", "explain", "smoke", "lessons", "mutants", "drift",
        "releases", "guide", "bench", "clean", "ci", "dist",
    ] {
        all = all.stdout(contains(verb));
    }
}

#[test]
fn a_call_without_a_verb_is_wrong_and_says_how_it_goes() {
    xtask(&[]).assert().code(2).stderr(contains("Usage: cargo xtask"));
}

#[test]
fn an_unknown_flag_is_a_wrong_call() {
    xtask(&["smoke", "--jbos", "3"]).assert().code(2).stderr(contains("--jobs"));
}

#[test]
fn no_jobs_at_all_is_a_wrong_call() {
    xtask(&["smoke", "--jobs", "0"]).assert().code(2).stderr(contains("1 to 64"));
}

/// The examples of a help text.
fn examples(help: &str) -> Vec<String> {
    help.lines().filter_map(|line| line.trim().strip_prefix("cargo xtask ")).map(str::to_owned).collect()
}

#[test]
fn help_has_examples_that_can_be_called_and_the_exit_statuses() {
    for call in [&["--help"][..], &["smoke", "--help"], &["drift", "--help"], &["mutants", "--help"]] {
        let output = xtask(call).assert().success().stdout(contains("Exit status:").and(contains("130")));
        let help = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        let examples = examples(&help);
        assert!(examples.len() >= 2, "{help}");
        for example in examples {
            // With --help, clap checks the arguments before it, and nothing runs.
            let line = format!("exec '{}' {example} --help", env!("CARGO_BIN_EXE_xtask"));
            Command::new("sh").args(["-c", &line]).assert().success();
        }
    }
}
