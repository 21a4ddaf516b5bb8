//! When outputs have colours: by `--color`, then `NO_COLOR`, then `CLICOLOR_FORCE`, then whether there is a terminal.

use std::process::{Command, Output};

use crate::account::Account;

const NAMES: [&str; 3] = ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"];

fn call(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut call = Command::new(env!("CARGO_BIN_EXE_codex-remote-auth"));
    NAMES.iter().for_each(|name| {
        call.env_remove(name);
    });
    call.args(arguments).envs(variables.iter().copied()).output().unwrap()
}

/// Whether the help, an error about the arguments, and a lesson's error on the standard error have colours.
fn is_coloured(output: &Output) -> bool {
    let text = [&*output.stdout, &*output.stderr].concat();
    text.contains(&0x1b)
}

#[test]
fn the_flag_the_variables_and_the_terminal_count_in_this_order() {
    let (no, force) = (("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"));
    for (flag, variables, expected) in [
        (None, &[][..], false),
        (None, &[force], true),
        (None, &[("CLICOLOR_FORCE", "")], false),
        (None, &[no], false),
        (None, &[no, force], false),
        (None, &[("NO_COLOR", ""), force], true),
        (Some("--color=auto"), &[force], true),
        (Some("--color=auto"), &[no, force], false),
        (Some("--color=always"), &[], true),
        (Some("--color=always"), &[no], true),
        (Some("--color=never"), &[force], false),
    ] {
        for arguments in [
            &["deploy", "--help"][..],
            &["deploy", "--nonsense"],
            &["explain", "--file", "/nowhere", "--list"],
        ] {
            let output = call(&[arguments, flag.as_slice()].concat(), variables);
            assert_eq!(is_coloured(&output), expected, "{arguments:?} {flag:?} {variables:?}: {output:?}");
        }
    }
}

#[test]
fn results_are_coloured_and_nothing_else_changes() {
    let account = Account::new();
    let coloured = account.run(&["deploy", "--dry-run", "--color", "always", "box"]).stdout;
    let plain = account.run(&["deploy", "--dry-run", "--color", "never", "box"]).stdout;
    assert!(coloured.contains("\x1b[32mok"), "{coloured}");
    assert!(!plain.contains('\x1b') && plain.starts_with("ok  "), "{plain}");
}

#[test]
fn every_code_of_a_coloured_help_reaches_the_terminal() {
    for arguments in
        [&["--help"][..], &["deploy", "--help"], &["login", "--nonsense"], &["deploy", "--colour=x", "b"]]
    {
        let both = |flag| {
            let output = call(&[arguments, &[flag]].concat(), &[]);
            String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
        };
        let (coloured, plain) = (both("--color=always"), both("--color=never"));
        let mut stripped = coloured.clone();
        while let Some(at) = stripped.find('\x1b') {
            let end = at + stripped[at..].find('m').unwrap();
            stripped.replace_range(at..=end, "");
        }
        assert_eq!(stripped, plain);
        assert!(coloured.len() > plain.len());
    }
}

#[test]
fn a_terminal_code_in_an_argument_does_not_reach_the_terminal() {
    for flag in ["--color=always", "--color=never"] {
        let output = call(&["deploy", "--no\x1b]0;title\x07\x1b[2Jnsense", flag], &[]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!text.contains("\x1b]") && !text.contains("\x1b[2J") && !text.contains('\x07'), "{text:?}");
    }
}
