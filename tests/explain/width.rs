//! The output at terminals of several widths.

use std::ffi::OsStr;

use tests::terminal::Terminal;

/// What a terminal of this width shows for a call.
fn shown(columns: usize, arguments: &str) -> String {
    let program = tests::program();
    let line = format!("stty cols {columns}; '{program}' explain {arguments}");
    let shown = Terminal::runs(&line, &[("HOME", OsStr::new("/nonexistent"))]).ends(0);
    let shown = String::from_utf8(shown).unwrap().replace('\r', "");
    // The first line is the terminal's name.
    shown.split_once('\n').unwrap().1.to_owned()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn lines_fit_the_terminal_and_no_word_is_broken() {
    let said = "'Missing bearer or basic authentication in header'";
    for (call, widest) in [("leading-dot", 100), ("'rotation-*'", 120), ("--list", 120), (said, 100)] {
        let whole = shown(widest, call);
        for columns in [60, 80] {
            let shown = shown(columns, call);
            assert_eq!(words(&shown), words(&whole), "{shown}");
            let is_command = |line: &str| line.contains("$ ") || line.contains("   # ");
            let mut prose = shown.lines().filter(|line| !is_command(line));
            assert!(prose.all(|line| line.chars().count() <= columns), "{columns}: {shown}");
        }
        // Longer lines are hard to read.
        assert_eq!(shown(widest + 20, call), whole);
    }
}

#[test]
fn without_a_terminal_it_is_80_columns_wide() {
    let mut command = tests::started::command(tests::program());
    let output = command.args(["explain", "leading-dot"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), shown(80, "leading-dot"));
}
