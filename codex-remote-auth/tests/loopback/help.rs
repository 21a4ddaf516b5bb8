//! The help of every command, at the widths of common terminals.

use std::process::Command;

use crate::outputs::matches;

/// Every command; the empty name is the program itself.
const COMMANDS: [&str; 8] = ["", "deploy", "rollback", "doctor", "login", "explain", "completions", "man"];

/// Widths of terminals, in columns.
const WIDTHS: [usize; 3] = [60, 80, 120];

/// The lines of a common large terminal.
const SCREEN: usize = 40;

fn help(command: &str, flag: &str, width: usize) -> String {
    let mut call = Command::new(env!("CARGO_BIN_EXE_codex-remote-auth"));
    call.args((!command.is_empty()).then_some(command)).arg(flag);
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        call.env_remove(name);
    }
    let output = call.env("COLUMNS", width.to_string()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{command} {flag}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_help_of_every_command() {
    for command in COMMANDS {
        for width in WIDTHS {
            let name = format!("help-{}-{width}", if command.is_empty() { "program" } else { command });
            let text = help(command, "--help", width);
            let text: Vec<&str> = text.lines().map(str::trim_end).collect();
            matches(&name, &[command, "--help"], &text.join("\n"));
        }
    }
}

#[test]
fn no_line_is_too_long_and_no_word_is_broken() {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for command in COMMANDS {
        for flag in ["--help", "-h"] {
            // Nothing is wrapped within a word that has room on a line of its own.
            let unbroken = words(&help(command, flag, 1_000));
            for width in WIDTHS {
                let text = help(command, flag, width);
                for line in text.lines() {
                    assert!(line.chars().count() <= width, "{command} {flag}, {width} columns: {line}");
                }
                assert_eq!(words(&text), unbroken, "{command} {flag}, {width} columns");
            }
        }
    }
}

#[test]
fn the_help_of_every_command_has_examples_exit_statuses_and_variables() {
    for command in COMMANDS {
        let text = help(command, "--help", 80);
        for part in ["Examples:\n", "Exit status:\n", "Environment variables:\n", "\n  0  "] {
            assert!(text.contains(part), "{command} has no {part:?}: {text}");
        }
    }
}

#[test]
fn the_short_help_fits_on_a_screen() {
    for command in COMMANDS {
        let text = help(command, "-h", 80);
        assert!(text.lines().count() <= SCREEN, "{command}: {} lines\n{text}", text.lines().count());
        let more = format!("codex-remote-auth {command}").trim_end().to_owned();
        assert!(text.ends_with(&format!("\n  {more} --help\n")), "{text}");
    }
}

#[test]
fn the_examples_of_the_help_are_accepted() {
    for command in COMMANDS {
        let text = help(command, "--help", 80);
        let examples = text.lines().filter_map(|line| line.strip_prefix("  codex-remote-auth "));
        let mut count = 0;
        for example in examples {
            count += 1;
            // With --help after it, the program checks the names of the options before it, and does nothing.
            let words = example.split(['<', '|', '>']).next().unwrap().trim_end();
            let words: Vec<&str> = words.split(' ').map(|word| word.trim_matches('\'')).collect();
            let output = Command::new(env!("CARGO_BIN_EXE_codex-remote-auth"))
                .args(&words[..1])
                .args(words[1..].iter().filter(|word| word.starts_with('-')).map(|word| match *word {
                    "--hosts-file" | "--retry-failed" | "--file" => format!("{word}=x"),
                    "-J" => "-Jx".to_owned(),
                    word => word.to_owned(),
                }))
                .arg("--help")
                .output()
                .unwrap();
            assert!(output.status.success(), "{example}: {output:?}");
        }
        assert!(count > 1, "{text}");
    }
}
