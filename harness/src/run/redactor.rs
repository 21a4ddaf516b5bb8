//! Makes output fit to be shown and compared: it removes secrets, and what differs from run to run.

use std::sync::LazyLock;

use regex::Regex;

use crate::cloud::Minted;

/// Replaces secrets by their names, and what is different in every run by words.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    replacements: Vec<(String, String)>,
}

impl Redactor {
    /// A redactor that knows no secrets yet. It always replaces what is different in every run.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces each secret of a login by the name of its field.
    pub fn hide(&mut self, minted: &Minted) {
        for (name, secret) in &minted.secrets {
            let whole = String::from_utf8_lossy(secret.expose());
            // `login status` shows the last five characters of a key.
            if let Some(tail) = whole.get(whole.len().saturating_sub(5)..) {
                self.replace(format!("***{tail}"), "***<tail>");
            }
            self.replace(whole, format!("<{name}>"));
        }
        for canary in &minted.canaries {
            self.replace(String::from_utf8_lossy(canary.expose()), "<secret>");
        }
    }

    /// Replaces one text by another.
    pub fn replace(&mut self, text: impl Into<String>, by: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.replacements.push((text, by.into()));
        }
    }

    /// `bytes` as a text that may be shown.
    pub fn redact(&self, bytes: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for (wanted, by) in &self.replacements {
            if text.contains(wanted.as_str()) {
                text = text.replace(wanted.as_str(), by);
            }
        }
        without_models(&without_codes(&without_times(&without_uuids(&text))))
    }
}

/// Replaces the model in the header of a session. Every release has a different default, and no lesson is about it.
/// A model that a call names stays, because none of those has a name like Codex's own models.
fn without_models(text: &str) -> String {
    const OWN: &str = "model: gpt-";

    let line = |line: &str| {
        let end = &line[line.trim_end().len()..];
        if line.starts_with(OWN) { format!("model: <model>{end}") } else { line.to_owned() }
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Replaces the times of log lines (`2026-11-22T19:08:04.149423Z`) and of messages (`2026-11-22 19:08 UTC`), and how far two
/// of them are apart.
fn without_times(text: &str) -> String {
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.0-9]*Z?|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC",
        )
    });
    static APART: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"[0-9]+ (?:second|minute|hour|day)s? (newer|older)"));
    let text = TIME.replace_all(text, "<time>");
    APART.replace_all(&text, "<some time> $1").into_owned()
}

#[allow(clippy::expect_used, reason = "the patterns are constants, and tests compile them")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

/// Replaces session ids. They are UUIDs and differ in every run.
fn without_uuids(text: &str) -> String {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    const LENGTH: usize = 36;

    let is_uuid = |window: &str| {
        let groups: Vec<&str> = window.split('-').collect();
        groups.len() == GROUPS.len()
            && groups.iter().zip(GROUPS).all(|(group, length)| {
                group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
    };
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match rest.get(..LENGTH) {
            Some(window) if first.is_ascii_hexdigit() && is_uuid(window) => {
                shown.push_str("<uuid>");
                rest = &rest[LENGTH..];
            }
            _ => {
                shown.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    shown
}

/// Replaces the one-time code of a device login: `ABCD-EFGH`. The `m` that ends a colour may come before it.
fn without_codes(text: &str) -> String {
    const LENGTH: usize = 9;

    let is_code = |window: &str| {
        window
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_uppercase() })
    };
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let alone = !before.is_ascii_alphanumeric()
            && rest
                .as_bytes()
                .get(LENGTH)
                .is_none_or(|after| !after.is_ascii_alphanumeric() && *after != b'-');
        match rest.get(..LENGTH) {
            Some(window) if (alone || before == 'm') && is_code(window) => {
                shown.push_str("<code>");
                rest = &rest[LENGTH..];
                before = '>';
            }
            _ => {
                shown.push(first);
                rest = &rest[first.len_utf8()..];
                before = first;
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cloud::api_key;

    #[test]
    fn a_session_id_is_a_word_and_other_text_stays() {
        let redactor = Redactor::new();
        let shown = redactor.redact(b"id 0199f0a0-1b2c-7d3e-8f40-0123456789ab, caf\xc3\xa9 1234-5678");
        assert_eq!(shown, "id <uuid>, café 1234-5678");
    }

    #[test]
    fn the_moment_of_a_log_line_is_a_word() {
        let redactor = Redactor::new();
        let shown = redactor.redact(b"2026-11-22T19:08:04.149423Z ERROR at 2026-11-22T19:08:04Z, 2026-11-22");
        assert_eq!(shown, "<time> ERROR at <time>, 2026-11-22");
        let shown =
            redactor.redact(b"renewed 2026-11-22 19:08 UTC; the host's is 1 day newer, 12 hours older");
        assert_eq!(shown, "renewed <time>; the host's is <some time> newer, <some time> older");
    }

    #[test]
    fn a_one_time_code_is_a_word_also_behind_a_colour() {
        let redactor = Redactor::new();
        let shown =
            redactor.redact(b"code \x1b[94mFUBD-PFUC\x1b[0m, or QDPV-OSGY; ABCD-EFGHI and TOP-DOWN stay");
        assert_eq!(shown, "code \x1b[94m<code>\x1b[0m, or <code>; ABCD-EFGHI and TOP-DOWN stay");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_secret_survives_whatever_stands_around_it(before in "\\PC{0,20}", after in "\\PC{0,20}") {
            let minted = api_key();
            let mut redactor = Redactor::new();
            redactor.hide(&minted);
            let secret = String::from_utf8(minted.credential.expose().to_vec()).unwrap();
            let canary = String::from_utf8(minted.canaries[0].expose().to_vec()).unwrap();
            let shown = redactor.redact(format!("{before}{secret}{after}{canary}").as_bytes());
            prop_assert!(!shown.contains(&canary));
        }
    }

    #[test]
    fn a_model_of_codexs_own_is_any_and_one_that_was_named_stays() {
        let header =
            "OpenAI Codex\nmodel: gpt-5.5\r\nprovider: openai\nuser\nmodel: one\nwhich model: gpt-5?";
        let shown = "OpenAI Codex\nmodel: <model>\r\nprovider: openai\nuser\nmodel: one\nwhich model: gpt-5?";
        assert_eq!(Redactor::new().redact(header.as_bytes()), shown);
    }
}
