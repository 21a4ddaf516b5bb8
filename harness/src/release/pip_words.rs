//! What pip says, and what that means.

use anstream::adapter::strip_str;
use semver::Version;

/// What kept pip from bringing what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The index answers, and has nothing that fits.
    NothingFits,
    /// The transfer began, and broke: worth another try.
    BrokenTransfer,
    /// The disk is full.
    DiskFull,
    /// Anything else, which mostly is that the index does not answer.
    Other,
}

/// Judges what pip wrote before it gave up.
pub(super) fn failure(said: &str) -> Failure {
    const NOTHING_FITS: &[&str] =
        &["No matching distribution found", "Could not find a version that satisfies"];
    const DISK_FULL: &[&str] = &["No space left on device", "Disk quota exceeded"];
    const BROKEN: &[&str] = &[
        "Connection broken",
        "IncompleteRead",
        "incomplete-download",
        "Read timed out",
        "DO NOT MATCH THE HASHES",
        "Connection reset by peer",
    ];
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    // pip reports an index that it cannot reach as one without versions, after warnings that tell the truth.
    let unreached =
        has(&["Retrying (Retry(", "ConnectionError", "Max retries exceeded", "Could not fetch URL"]);
    if has(DISK_FULL) {
        Failure::DiskFull
    } else if has(BROKEN) {
        Failure::BrokenTransfer
    } else if has(NOTHING_FITS) && !unreached {
        Failure::NothingFits
    } else {
        Failure::Other
    }
}

/// The versions in the answer to `pip index versions`, ascending; nothing where it is no such answer.
///
/// Versions that are not three numbers, as Python also allows, are none that these tools have published.
pub(super) fn versions(answer: &str) -> Option<Vec<Version>> {
    let listed = answer.lines().find_map(|line| line.trim().strip_prefix("Available versions:"))?;
    let mut versions: Vec<Version> =
        listed.split(',').filter_map(|version| Version::parse(version.trim()).ok()).collect();
    versions.sort();
    Some(versions)
}

/// The last lines of what pip said, without its colours.
pub(super) fn last_lines(said: &str) -> String {
    const LINES: usize = 6;
    const WIDTH: usize = 200;
    let lines: Vec<&str> = said.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter().map(|line| format!("  | {}", shortened(&plain(line), WIDTH))).collect::<Vec<_>>().join("\n")
}

fn shortened(line: &str, width: usize) -> String {
    match line.char_indices().nth(width) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

fn plain(line: &str) -> String {
    strip_str(line).to_string().chars().filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_versions_is_read_and_sorted() {
        let answer = "openai-codex-cli-bin (0.163.0)\nAvailable versions: 0.163.0, 0.144.4, 0.9.0, 1.0.0rc1\n  \
             INSTALLED: 0.9.0\n";
        let names: Vec<String> = versions(answer).unwrap().iter().map(Version::to_string).collect();
        assert_eq!(names, ["0.9.0", "0.144.4", "0.163.0"]);
        assert_eq!(versions("ERROR: unknown command \"index\""), None);
    }

    #[test]
    fn an_index_that_is_not_reached_is_not_one_without_the_release() {
        let no_match = "ERROR: No matching distribution found for openai-codex-cli-bin==0.1.0";
        assert_eq!(failure(no_match), Failure::NothingFits);
        let unreached = format!(
            "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by \
             'NewConnectionError'\n{no_match}"
        );
        assert_eq!(failure(&unreached), Failure::Other);
    }

    #[test]
    fn a_broken_transfer_and_a_full_disk_are_known() {
        let broken = "urllib3.exceptions.ProtocolError: ('Connection broken: IncompleteRead(9 bytes read)')";
        assert_eq!(failure(broken), Failure::BrokenTransfer);
        assert_eq!(failure("ERROR: [Errno 28] No space left on device"), Failure::DiskFull);
        assert_eq!(failure("ERROR: something else"), Failure::Other);
    }

    #[test]
    fn the_last_lines_are_short_and_carry_no_colours() {
        assert_eq!(last_lines("one\n\n\u{1b}[31mERROR: two\u{1b}[0m\n"), "  | one\n  | ERROR: two");
        assert_eq!(last_lines(&"é".repeat(300)).chars().count(), "  | ".len() + 201);
    }
}
