//! Chooses the line of an output that tells most, without what differs from run to run.

/// What a line begins with that says what went wrong.
const ERRORS: [&str; 3] = ["Error", "error:", "ERROR:"];

/// Below this a line that was cut says nothing: `Error:`.
const LEAST: usize = 8;

/// What the redactor writes for the names of a run's accounts, which no release ever printed.
const ACCOUNTS: [&str; 2] = ["user@host", "user@127"];

/// What stands for an output that is not shown.
const LEFT_OUT: &str = "(left out: ";

/// The last line of a standard error that names an error, or else the last that is no line of a log.
pub(super) fn of_stderr(output: &str) -> Option<String> {
    let lines = || lines(output).rev();
    let names_an_error = |line: &&str| ERRORS.iter().any(|begin| line.starts_with(begin));
    lines().filter(names_an_error).find_map(same_each_run).or_else(|| lines().find_map(same_each_run))
}

/// The first line of a standard output.
pub(super) fn of_stdout(output: &str) -> Option<String> {
    lines(output).find_map(same_each_run)
}

/// A line of a log begins with a moment, of which nothing is left to tell.
fn lines(output: &str) -> impl DoubleEndedIterator<Item = &str> {
    let output = if output.starts_with(LEFT_OUT) { "" } else { output };
    output.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("<time>"))
}

/// The part of a line before anything that differs from run to run.
fn same_each_run(line: &str) -> Option<String> {
    let placeholder = line.match_indices('<').find(|(at, _)| line[*at..].contains('>')).map(|(at, _)| at);
    let accounts = ACCOUNTS.iter().filter_map(|name| line.find(name));
    match placeholder.into_iter().chain(accounts).min() {
        None => Some(line.to_owned()),
        Some(at) => {
            let before = line[..at].trim_end_matches(|c: char| c.is_whitespace() || c == '*');
            (before.len() >= LEAST).then(|| before.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_error_tells_most_and_what_follows_it_is_left_out() {
        let said = "error: first\nWarning: odd\nError: the cause\n\nStack backtrace:\n   0: main\n";
        assert_eq!(of_stderr(said).as_deref(), Some("Error: the cause"));
        assert_eq!(of_stderr("ERROR: a\nhint\n").as_deref(), Some("ERROR: a"));
    }

    #[test]
    fn without_an_error_the_last_line_that_is_no_log_tells_most() {
        let said = "Not logged in\n<time> ERROR core: refused\n";
        assert_eq!(of_stderr(said).as_deref(), Some("Not logged in"));
        assert_eq!(of_stderr("<time> ERROR core: refused\n"), None);
        assert_eq!(of_stderr(""), None);
    }

    #[test]
    fn what_differs_from_run_to_run_is_cut_off() {
        let cases = [
            ("Error: session <uuid> ended", Some("Error: session")),
            ("Error: user@host: denied", None),
            ("Permission denied for user@127.0.0.2", Some("Permission denied for")),
            ("Error: <uuid>", None),
            ("key sk ***<tail>", None),
            ("Logged in with ***<tail>", Some("Logged in with")),
            ("1 < 2", Some("1 < 2")),
        ];
        for (line, wanted) in cases {
            assert_eq!(same_each_run(line).as_deref(), wanted, "{line}");
        }
        assert_eq!(of_stderr("Error: the cause\nError: <uuid>\n").as_deref(), Some("Error: the cause"));
    }

    #[test]
    fn the_first_line_of_a_standard_output_tells_most() {
        assert_eq!(of_stdout("\nOK\nmore\n").as_deref(), Some("OK"));
        assert_eq!(of_stdout("(left out: it shows a secret, as it is)"), None);
    }
}
