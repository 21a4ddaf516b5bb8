//! What a terminal shows: widths, titles, the live line.

use predicates::prelude::*;
use predicates::str::contains;
use tests::terminal::Terminal;

use crate::xtask;

/// What a terminal of so many columns shows of a command, line by line, without the live line.
fn at_a_terminal(columns: usize, arguments: &str) -> Vec<String> {
    let line = format!("stty cols {columns}; '{}' {arguments}", env!("CARGO_BIN_EXE_xtask"));
    let shown = Terminal::runs(&line, &[]).ends(0);
    let shown = String::from_utf8(shown).unwrap();
    // The first line is the terminal's name. The live line is drawn over and over, each time from the beginning.
    let lines = shown.split(['\n', '\r']).skip(1).map(without_codes);
    lines.filter(|line| !line.trim().is_empty() && !has_a_spinner(line)).collect()
}

/// A line without the codes that control a terminal.
fn without_codes(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once(|c: char| c.is_ascii_alphabetic()).map_or("", |(_, rest)| rest)
    })
}

/// Whether a text has a character of the live line's spinner.
fn has_a_spinner(text: &str) -> bool {
    text.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c))
}

#[test]
fn rows_and_lists_fit_the_terminal_and_no_word_is_broken() {
    let output = xtask(&["smoke", "--list"]).assert().success();
    let list = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let words: Vec<&str> = list.split_whitespace().collect();
    for columns in [60, 80, 120] {
        for list in ["smoke --list", "lessons"] {
            let shown = at_a_terminal(columns, list);
            let long: Vec<_> = shown.iter().filter(|line| line.chars().count() > columns).collect();
            assert!(long.is_empty(), "{columns}: {long:#?}");
            if list == "smoke --list" {
                let shown: Vec<&str> = shown.iter().flat_map(|line| line.split_whitespace()).collect();
                assert_eq!(shown, words, "{columns}");
            }
        }
        let shown = at_a_terminal(columns, "smoke git-check unauthorized-cut-short");
        let rows: Vec<&String> = shown.iter().filter(|line| line.starts_with("ok ")).collect();
        assert_eq!(rows.len(), 2, "{shown:#?}");
        assert!(rows.iter().all(|row| row.chars().count() <= columns), "{shown:#?}");
        assert!(columns > 60 || rows.iter().any(|row| row.ends_with('…')), "{shown:#?}");
    }
}

#[test]
fn a_row_has_the_title_and_the_last_line_says_which_codex_was_tested() {
    let run = |more: &[&str]| {
        let output = xtask(&[&["smoke", "git-check"], more].concat()).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let title = "git-check  codex exec needs a git repository, or --skip-git-repo-check\n";
    let plain = run(&[]);
    assert!(plain.starts_with("ok  ") && plain.contains(title), "{plain}");
    assert!(
        plain.contains("1 passed, 0 failed with the stub of Codex 0.163.0; no secret was seen;"),
        "{plain}"
    );
    assert!(!plain.contains("Not inside a trusted directory"), "{plain}");
    assert!(plain.contains("for every era: cargo xtask lessons --accept git-check\n"), "{plain}");
    // There is nothing to accept for a smoke test.
    xtask(&["smoke", "smoke-1"]).assert().success().stdout(contains("--accept").not());
    let verbose = run(&["-v", "--codex", "stub:0.133"]);
    assert!(verbose.contains(title) && verbose.contains("wrong: exit 1 “Not inside a trusted"), "{verbose}");
    assert!(verbose.contains("with the stub of Codex 0.133.0;"), "{verbose}");
}

#[test]
fn an_interrupted_run_leaves_no_live_line_on_the_screen() {
    for arguments in ["smoke --jobs 1", "drift stub:0.163.0 --jobs 1", "mutants --jobs 1"] {
        let runtime = tempfile::tempdir().unwrap();
        let variables = [("XDG_RUNTIME_DIR", runtime.path().as_os_str())];
        let line = format!("'{}' {arguments}", env!("CARGO_BIN_EXE_xtask"));
        let mut terminal = Terminal::runs(&line, &variables);
        terminal.hears(" 1/", b"\x03");
        let shown = String::from_utf8(terminal.ends(130)).unwrap();
        let (before, after) = shown.rsplit_once("interrupted: ").unwrap();
        assert!(after.contains("not run") && !has_a_spinner(after), "{arguments}\n{after}");
        // The last thing before the message is that the live line is cleared.
        let last = before.rsplit(|c| ('\u{2801}'..='\u{28ff}').contains(&c)).next().unwrap();
        assert!(last.contains("\x1b[2K"), "{arguments}\n{last:?}");
    }
}

#[test]
fn lines_that_go_into_a_pipe_are_not_mixed_with_a_live_line() {
    let line = format!("'{}' smoke smoke-1 git-check | head -1", env!("CARGO_BIN_EXE_xtask"));
    let shown = String::from_utf8(Terminal::runs(&line, &[]).ends(0)).unwrap();
    assert!(shown.contains("ok  ") && !has_a_spinner(&shown), "{shown}");
}
