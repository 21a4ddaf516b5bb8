//! Finds what to show a person in the output of codex, while it arrives in pieces and with colours.

use anstream::adapter::strip_str;
use url::Url;

use crate::message::without_secrets;
use crate::ssh::{is_hidden, shortened};

/// The longest link that is accepted, in bytes. Codex's own has about 600.
const LONGEST: usize = 4_096;

/// How much of a line is quoted, in characters.
const QUOTED: usize = 300;

/// The link and the code of a device login, once both have arrived completely. Neither must appear in `Debug`.
pub(super) struct DeviceCode {
    pub(super) link: String,
    pub(super) code: String,
}

/// The link of a browser login, once it has arrived completely. It must not appear in `Debug`.
pub(super) struct BrowserLink(pub(super) String);

impl DeviceCode {
    /// Finds both by their form, since the words around them change: a line that is a link, and below it a line that is
    /// a code.
    pub(super) fn find(output: &[u8]) -> Option<Self> {
        let text = plain(output);
        let mut lines = text.lines().map(str::trim);
        let link = lines.find(|line| is_link(line))?.to_owned();
        let code = lines.find(|line| is_code(line))?.to_owned();
        Some(Self { link, code })
    }
}

impl BrowserLink {
    /// The first link with a `redirect_uri`. The module `trust` decides whether that leads to this machine.
    pub(super) fn find(output: &[u8]) -> Option<Self> {
        let text = plain(output);
        let mut links = text.lines().map(str::trim).filter(|line| is_link(line));
        let link = links.find(|link| {
            Url::parse(link).is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "redirect_uri"))
        })?;
        Some(Self(link.to_owned()))
    }
}

/// The last line of an output, without terminal codes and without secrets: the query of a link, and a code, could be
/// used in the person's place.
pub(super) fn last_line(output: &[u8]) -> Option<String> {
    let text = plain_to_the_end(output);
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    let words = line.split(' ').map(|word| match word.split_once('?') {
        Some((before, _)) if before.contains("://") => format!("{before}?…"),
        _ if is_code(word) => "…".to_owned(),
        _ => word.to_owned(),
    });
    Some(shortened(&without_secrets(&words.collect::<Vec<_>>().join(" ")), QUOTED).into_owned())
}

/// The complete lines of an output.
fn plain(output: &[u8]) -> String {
    let end = output.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    plain_to_the_end(&output[..end])
}

/// Removes what controls a terminal: colours, titles and control characters.
fn plain_to_the_end(output: &[u8]) -> String {
    let text = strip_str(&String::from_utf8_lossy(output)).to_string();
    text.chars().filter(|character| !is_hidden(*character) || "\n\t".contains(*character)).collect()
}

/// Whether the line is one word that a browser accepts, and that a terminal or a shell cannot misread.
fn is_link(line: &str) -> bool {
    let rest = line.strip_prefix("https://").or_else(|| line.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
        && line.len() <= LONGEST
}

/// Whether the line has the form `ABCD-EFGH`, with three to eight characters in each part.
fn is_code(line: &str) -> bool {
    let is_part = |part: &str| {
        (3..=8).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    line.split_once('-').is_some_and(|(first, second)| is_part(first) && is_part(second))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DEVICE: &str = "\nWelcome to Codex [v\u{1b}[90m0.163.0\u{1b}[0m]\n\n1. Open this link\n   \
        \u{1b}[94mhttps://auth.example.invalid/codex/device\u{1b}[0m\n\n2. Enter this one-time code\n   \
        \u{1b}[94mABCD-EF0HJ\u{1b}[0m\n";

    const BROWSER: &str = "Starting local login server on http://localhost:1455.\nIf not, navigate to:\n\n\
        https://auth.example.invalid/oauth/authorize?client_id=x&redirect_uri=http%3A%2F%2F127.0.0.1%3A1457%2Fauth%2Fcallback&state=s\n";

    #[test]
    fn link_and_code_are_found_only_once_both_are_complete() {
        for end in 0..=DEVICE.len() {
            let found = DeviceCode::find(&DEVICE.as_bytes()[..end]);
            assert_eq!(found.is_some(), end == DEVICE.len(), "{end}");
        }
        let found = DeviceCode::find(DEVICE.as_bytes()).unwrap();
        assert_eq!(found.link, "https://auth.example.invalid/codex/device");
        assert_eq!(found.code, "ABCD-EF0HJ");
    }

    #[test]
    fn the_browser_link_is_the_one_with_a_redirect_uri() {
        for end in 0..BROWSER.len() {
            assert!(BrowserLink::find(&BROWSER.as_bytes()[..end]).is_none(), "{end}");
        }
        let BrowserLink(found) = BrowserLink::find(BROWSER.as_bytes()).unwrap();
        assert!(found.ends_with("&state=s"));
        let endless = format!("https://a.invalid/?redirect_uri=x&a={}\n", "a".repeat(LONGEST));
        assert!(BrowserLink::find(endless.as_bytes()).is_none());
    }

    #[test]
    fn a_quoted_line_has_no_code_no_query_and_no_terminal_codes() {
        let said =
            last_line(b"x\nfailed \x1b]0;t\x07\x1b[31mat\x07 https://a.invalid/b?code=secret ABCD-EFGH\n\n");
        assert_eq!(said.unwrap(), "failed at https://a.invalid/b?\u{2026} \u{2026}");
        assert_eq!(last_line(b"\n \n"), None);
    }

    proptest! {
        #[test]
        fn no_output_panics(output in proptest::collection::vec(any::<u8>(), 0..200), text in "[\\x1b\\[\\]0-9;mA-Z \n:/-]{0,80}") {
            for bytes in [&output[..], text.as_bytes()] {
                let _ = (DeviceCode::find(bytes).is_some(), BrowserLink::find(bytes).is_some(), last_line(bytes));
            }
        }
    }
}
