//! By what an output is known to belong to a lesson.

use serde::Deserialize;

use super::Releases;
use super::squeezed::squeezed;

/// What an output has to contain to belong to a lesson. A lesson that has several is known by each of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// What it says; all of it, in any order.
    #[serde(deserialize_with = "at_least_one")]
    pub says: Vec<SignText>,
    /// What it does not say besides: with it, it belongs elsewhere.
    #[serde(default)]
    pub unless: Vec<SignText>,
    /// Nothing comes after it.
    #[serde(default)]
    pub last: bool,
    /// The exit status that goes with it, where it is always the same.
    pub exit: Option<i32>,
    /// The releases that say it.
    #[serde(default)]
    pub codex: Releases,
}

/// A text of a [`Sign`].
///
/// `…` stands for anything up to some thousand characters, such as a name. `^` at its beginning means that it begins a
/// line, after the time and the level that a log puts before it; `$` at its end, that it ends one. Blanks, line breaks and
/// the form of quotation marks do not matter; the words at its edges have to be whole.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SignText {
    written: String,
    lead: String,
    rest: Vec<String>,
    begins_line: bool,
    ends_line: bool,
}

/// A shorter text is in too many outputs.
const SHORTEST: usize = 10;

impl SignText {
    /// As it is written in the lesson, without what says where in a line it stands.
    pub fn shown(&self) -> &str {
        let text = self.written.strip_prefix('^').unwrap_or(&self.written);
        text.strip_suffix('$').unwrap_or(text)
    }

    pub(super) fn lead(&self) -> &str {
        &self.lead
    }

    pub(super) fn rest(&self) -> &[String] {
        &self.rest
    }

    pub(super) fn begins_line(&self) -> bool {
        self.begins_line
    }

    pub(super) fn ends_line(&self) -> bool {
        self.ends_line
    }
}

impl TryFrom<String> for SignText {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let text = written.strip_prefix('^').unwrap_or(&written);
        let begins_line = text.len() < written.len();
        let inner = text.strip_suffix('$').unwrap_or(text);
        let ends_line = inner.len() < text.len();
        let mut parts = inner.split('…').map(squeezed);
        let lead = parts.next().unwrap_or_default();
        let rest: Vec<String> = parts.collect();
        if lead.is_empty() || rest.iter().any(String::is_empty) {
            return Err(format!("`{written}`: there is a text on both sides of each `…`"));
        }
        let length = lead.chars().count() + rest.iter().map(|part| part.chars().count()).sum::<usize>();
        if length < SHORTEST {
            return Err(format!(
                "`{written}` is in too many outputs; a sign has at least {SHORTEST} characters"
            ));
        }
        Ok(Self { written, lead, rest, begins_line, ends_line })
    }
}

/// A wrong way whose output belongs to no lesson.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silent {
    /// The step's name; empty where it has none.
    #[serde(default)]
    pub step: String,
    /// The releases on which it is so.
    #[serde(default)]
    pub codex: Releases,
    /// Why no output can tell.
    pub because: String,
}

fn at_least_one<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<SignText>, D::Error> {
    let texts = Vec::deserialize(from)?;
    if texts.is_empty() { Err(serde::de::Error::custom("a sign says something")) } else { Ok(texts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> Result<SignText, String> {
        written.to_owned().try_into()
    }

    #[test]
    fn a_text_is_read_with_its_anchors_and_gaps() {
        let text = text("^config profile `…` not found$").unwrap();
        assert!(text.begins_line() && text.ends_line());
        assert_eq!((text.lead(), text.rest()), ("configprofile'", ["'notfound".to_owned()].as_slice()));
        assert_eq!(text.shown(), "config profile `…` not found");
    }

    #[test]
    fn what_is_in_every_output_is_refused() {
        for general in ["", "^$", "OK", "error", "…", "config profile…", "…not found here"] {
            text(general).unwrap_err();
        }
    }

    #[test]
    fn a_sign_says_something_and_knows_its_keys() {
        for refused in ["says = []", "exit = 1", "says = ['Not logged in']\nstdout = 'x'"] {
            toml::from_str::<Sign>(refused).unwrap_err();
        }
        let sign: Sign = toml::from_str("says = ['Not logged in']").unwrap();
        assert_eq!((sign.exit, sign.last, sign.unless.len()), (None, false, 0));
    }
}
