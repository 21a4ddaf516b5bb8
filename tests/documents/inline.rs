//! Commands and options that are named within a sentence or a table: they exist.

use std::collections::BTreeMap;
use std::process::Command;

use tests::Rig;

use crate::{Case, DOCUMENTS, text};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![every_command_and_option_that_is_named_exists]
}

/// What is between backquotes in a text without its blocks.
fn quoted(text: &str) -> Vec<String> {
    let mut open = false;
    let outside: Vec<&str> = text
        .lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            open ^= fence;
            !open && !fence
        })
        .collect();
    outside.join("\n").split('`').skip(1).step_by(2).map(|quoted| quoted.replace('\n', " ")).collect()
}

/// The help of a command of either program.
fn help(helps: &mut BTreeMap<String, String>, program: &str, command: &str) -> String {
    let key = format!("{program} {command}");
    let asked = helps.entry(key).or_insert_with(|| {
        let output = Command::new(program).args([command, "--help"]).output().unwrap();
        assert!(output.status.success(), "`{program} {command} --help` fails");
        String::from_utf8(output.stdout).unwrap()
    });
    asked.clone()
}

fn every_command_and_option_that_is_named_exists(_: &Rig) {
    let xtask = env!("CARGO_BIN_EXE_xtask");
    let mut helps = BTreeMap::new();
    let mut checked = 0;
    for document in DOCUMENTS {
        for quoted in quoted(&text(document)) {
            let mut words = quoted.split_whitespace();
            let program = match (words.next(), quoted.strip_prefix("cargo xtask ")) {
                (_, Some(_)) => {
                    words.next();
                    xtask
                }
                (Some("codex-remote-auth"), _) => tests::program(),
                _ => continue,
            };
            let Some(command) = words.next().filter(|word| word.chars().all(|c| c.is_ascii_lowercase()))
            else {
                continue;
            };
            let help = help(&mut helps, program, command);
            for option in words.filter(|word| word.starts_with("--")) {
                let name = option.split('=').next().unwrap_or(option);
                assert!(help.contains(name), "{document}: `{quoted}`: no option {name}");
            }
            checked += 1;
        }
    }
    assert!(checked > 30, "only {checked} commands were found");
}
