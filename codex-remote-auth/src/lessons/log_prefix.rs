//! Removes what logs and terminals put before each line, so that a message that was broken over several lines is whole again.

use std::sync::LazyLock;

use regex::Regex;

/// What may stand before the text of a line, one part at a time.
const PARTS: &str = r#"(?xi)^\s*(?:
    # A date, a time, or both; the seconds since 1970.
    \[?\d{4}[-/]\d\d[-/]\d\d (?:[T\ _]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)? \ ?(?:Z|UTC|[+-]\d\d:?\d\d)?\]?:? (?:\s+|$)
  | \[?\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?\]?:? (?:\s+|$)
  | \[\s*\d+\.\d+\] (?:\s+|$)
  # The system's log: the date, the host and the program.
  | (?:<\d+>)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\s+\d{1,2}(?:\s+\d{4})?\s+\d\d:\d\d:\d\d(?:[.,]\d+)?
      (?:\s+[\w.-]+\s+[\w./@()-]+(?:\[\d+\])?:)? (?:\s+|$)
  | [\w.-]+\s+[\w./@()-]+\[\d+\]: (?:\s+|$)
  # Containers: `app-1  | `, `0|app  | `, and the steps of a build.
  | [\w./-]+\s+\| (?:\s+|$)
  | \d+\|[\w-]+\s*\| (?:\s+|$)
  | \#\d+(?:\s+\d+\.\d+)? (?:\s+|$)
  # Pipelines.
  | \#\#\[\w+\]
  | ::(?:error|warning|notice|debug)[^:]*::
  | section_(?:start|end):\d+:\w+(?:\[[^\]]*\])?
  | \d\d[oe]\+? (?:\s+|$)
  | \w+[\w.]*\s\((?:remote|local)-exec\): (?:\s+|$)
  # The part of a program, and the fields of a log.
  | [a-z_]\w*(?:::\w+)+: (?:\s+|$)
  | (?:time|ts|timestamp|level|lvl|caller|logger)=(?:"[^"]*"|\S+) (?:\s+|$)
  | (?:msg|message|err|error)="?
  | \[[^\]\s]{1,60}\] (?:\s+|$)
  # A prompt, a quotation, or the frame of a box.
  | [\w.@:~/\[\]-]*[\$%❯»] (?:\s+|$)
  | [│┃|>*•■⚠✗✖×▌╭╰─]+ (?:\s+|$)
)"#;

/// A level. It may as well be a part of the message.
const LEVELS: &str = r"(?x)^\s*(?:
    (?i:error|err|warning|warn|info|debug|trace|fatal|notice|critical|stderr|stdout)\s*[:|>-]+ (?:\s+|$)
  | (?:ERROR|ERR|WARNING|WARN|INFO|DEBUG|TRACE|FATAL|NOTICE|CRITICAL) (?:\s+|$)
)";

/// The most parts that are removed from one line.
const MOST: usize = 10;

static PART: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(PARTS).ok());
static LEVEL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(LEVELS).ok());

/// An output without what stands before and after the text of its lines: times, names and frames, and also the levels if `levels`
/// is set. `None` if there is no such thing.
pub(super) fn without_prefixes(output: &str, levels: bool) -> Option<String> {
    let part = PART.as_ref()?;
    let level = LEVEL.as_ref().filter(|_| levels);
    let mut text = String::with_capacity(output.len());
    for line in output.split(['\n', '\r']) {
        let mut rest = line;
        for _ in 0..MOST {
            let found = part.find(rest).filter(|found| !found.is_empty());
            match found.or_else(|| level.and_then(|level| level.find(rest))) {
                Some(found) => rest = &rest[found.end()..],
                None => break,
            }
        }
        text.push_str(rest.trim_end_matches([' ', '\t', '│', '┃', '|']));
        text.push('\n');
    }
    (text.trim_end() != output.trim_end()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_one() {
        assert!(PART.is_some() && LEVEL.is_some());
    }

    #[test]
    fn what_logs_put_before_a_line_is_removed() {
        for prefix in [
            "2026-11-27T10:00:00.123456Z ERROR codex_core::exec: ",
            "2026-11-27 10:00:00,123 [ERROR] ",
            "2026/11/27 10:00:00 ",
            "[2026-11-27T10:00:00Z] ",
            "[10:00:00] stderr: ",
            "Nov 27 10:00:00 box codex[123]: ",
            "2026-11-27T10:00:00+0000 box codex[123]: ",
            "<11>Nov  7 10:00:00 box agent: ",
            "app-1  | ",
            "app_1 | 2026-11-27T10:00:00Z ",
            "0|codex  | ",
            "#12 0.345 ",
            "2026-11-27T10:00:00.1234567Z ##[error]",
            "::error file=a,line=1::",
            "2026-11-27T10:00:00.000000Z 01E ",
            "00:12 | ",
            "null_resource.x (remote-exec): ",
            "[1700000000.123] ",
            "[pod/app/codex] ",
            "time=2026-11-27T10:00:00Z level=error msg=\"",
            "me@box:~/work$ ",
            "│ ",
            "> ",
        ] {
            let said = format!("{prefix}The message: it's `here`");
            let expected = "The message: it's `here`\n";
            assert_eq!(without_prefixes(&said, true).as_deref(), Some(expected), "{said}");
        }
    }

    #[test]
    fn what_is_no_prefix_stays() {
        for said in
            ["gh: Not logged in", "zsh:1: command not found: codex", "1234 is a number", "stdout is here", ""]
        {
            assert_eq!(without_prefixes(said, true), None, "{said}");
        }
    }
}
