//! The signs by which the output of a lesson is recognized.

use serde::Deserialize;

use super::Releases;
use super::normalized_output::visible;

/// What an output contains if it belongs to a lesson. If a lesson has several signs, each one is enough.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// Texts that the output contains; all of them, in any order.
    #[serde(deserialize_with = "at_least_one")]
    pub says: Vec<SignText>,
    /// Texts that the output does not contain: with one of them, it belongs to another lesson.
    #[serde(default)]
    pub unless: Vec<SignText>,
    /// Texts of which the output contains at least one: what was done when it failed, for example.
    #[serde(default)]
    pub one_of: Vec<SignText>,
    /// Nothing comes after the last text.
    #[serde(default)]
    pub last: bool,
    /// How many characters each text takes up at most, with what `…` stands for.
    #[serde(default = "longest")]
    pub within: usize,
    /// The exit status of the command, if it is always the same.
    pub exit: Option<i32>,
    /// The releases with this output.
    #[serde(default)]
    pub codex: Releases,
    /// The code of the diagnosis, if it is not the only one of the lesson.
    pub diagnosis: Option<String>,
    /// It is only a warning, and codex goes on. It is named only if nothing else in the output is known, and is never why a call failed.
    #[serde(default)]
    pub harmless: bool,
}

impl Sign {
    /// How many texts it has.
    pub(super) fn count(&self) -> usize {
        self.says.len() + self.unless.len() + self.one_of.len()
    }

    /// A literal of each text of `says`, then of `unless` and of `one_of`, for an output without blanks.
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.says.iter().chain(&self.unless).chain(&self.one_of).map(|text| text.literal.as_str())
    }

    /// The pattern of each text of `says`, then of `unless` and of `one_of`, for an output in the form of [`readings`].
    ///
    /// [`readings`]: super::normalized_output::readings
    pub(super) fn patterns(&self) -> impl Iterator<Item = String> {
        let says = self.says.iter().enumerate().map(|(at, text)| {
            let ends_output = self.last && at + 1 == self.says.len();
            text.pattern.clone() + if ends_output { END } else { "" }
        });
        says.chain(self.unless.iter().chain(&self.one_of).map(|text| text.pattern.clone()))
    }
}

/// A text of a [`Sign`].
///
/// `…` stands for anything, such as a name; [`Sign::within`] says how long it may be. `^` as the first character means that the text begins a
/// line, or follows only the time and the level that a log puts before it. `$` as the last character means that the text ends a
/// line. Blanks, line breaks, the kind of quotation marks and the case of the first letter do not matter. The words at its edges have to
/// be whole.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SignText {
    written: String,
    pattern: String,
    /// Its longest part, without blanks: where it is missing, the pattern need not be looked for.
    literal: String,
    /// How many characters it has, without blanks and `…`.
    length: usize,
}

/// How many characters a text takes up at most, unless the sign says otherwise.
const LONGEST: usize = 400;

fn longest() -> usize {
    LONGEST
}

/// The minimum length of a text that an output contains: a shorter one is in too many outputs.
const SHORTEST: usize = 10;
/// The minimum length of any text. What rules a lesson out may be as short as `sshd[`.
const SHORTEST_UNLESS: usize = 5;
/// A terminal breaks lines within words, so there may be a blank between any two characters.
const BLANKS: &str = "[ \t\n]*";
/// What `…` stands for.
const GAP: &str = "(?s:.)*?";
/// The character before or after a word.
const EDGE: &str = "[^0-9A-Za-z_-]";
/// The end of an output: nothing but what an interruption leaves behind, and a prompt.
const END: &str = r"(?:[ \t\n]*[\^C$%#>]){0,7}[ \t\n]*\z";

impl SignText {
    /// As it is written in the lesson, without `^` and `$`.
    pub fn shown(&self) -> &str {
        let text = self.written.strip_prefix('^').unwrap_or(&self.written);
        text.strip_suffix('$').unwrap_or(text)
    }
}

impl TryFrom<String> for SignText {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let text = written.strip_prefix('^').unwrap_or(&written);
        let inner = text.strip_suffix('$').unwrap_or(text);
        let parts: Vec<Vec<char>> = inner.split('…').map(|part| visible(part).collect()).collect();
        if parts.iter().any(Vec::is_empty) {
            return Err(format!("`{written}`: each `…` needs a text on both sides"));
        }
        let length = parts.iter().map(Vec::len).sum();
        if length < SHORTEST_UNLESS {
            return Err(format!("`{written}` is too short; it has at least {SHORTEST_UNLESS} characters"));
        }
        // Without the first letter, whose case does not matter.
        let certain = [&parts[0][1..]].into_iter().chain(parts[1..].iter().map(Vec::as_slice));
        let literal: String = certain.max_by_key(|part| part.len()).unwrap_or_default().iter().collect();
        let literal = regex::escape(&literal);
        let edge = |character: Option<&char>| match character {
            Some(c) if c.is_alphanumeric() || ['_', '-'].contains(c) => EDGE,
            _ => "",
        };
        let begin = if text.len() < written.len() { "[\t\n]" } else { edge(parts[0].first()) };
        let end = if inner.len() < text.len() { r"\n" } else { edge(parts[parts.len() - 1].last()) };
        let letters = |part: &Vec<char>| part.iter().map(|c| regex::escape(&c.to_string())).collect();
        let mut parts: Vec<Vec<String>> = parts.iter().map(letters).collect();
        let first = &mut parts[0][0];
        if first.len() == 1 && first.chars().all(|c| c.is_ascii_alphabetic()) {
            *first = format!("[{}{}]", first.to_ascii_uppercase(), first.to_ascii_lowercase());
        }
        let parts: Vec<String> = parts.iter().map(|part| part.join(BLANKS)).collect();
        let pattern = format!("(?-u){begin}{}{end}", parts.join(GAP));
        Ok(Self { written, pattern, literal, length })
    }
}

/// A wrong way whose output does not show a lesson.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silent {
    /// The step's name; empty if it has none.
    #[serde(default)]
    pub step: String,
    /// The releases on which this is the case.
    #[serde(default)]
    pub codex: Releases,
    /// Why the output does not show it.
    pub because: String,
}

fn at_least_one<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<SignText>, D::Error> {
    let texts = Vec::<SignText>::deserialize(from)?;
    if texts.is_empty() {
        return Err(serde::de::Error::custom("a sign says something"));
    }
    match texts.iter().find(|text| text.length < SHORTEST) {
        Some(short) => Err(serde::de::Error::custom(format!(
            "`{}` is in too many outputs; a sign has at least {SHORTEST} characters",
            short.written
        ))),
        None => Ok(texts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> Result<SignText, String> {
        written.to_owned().try_into()
    }

    #[test]
    fn a_text_is_shown_without_its_anchors() {
        assert_eq!(text("^config profile `…` not found$").unwrap().shown(), "config profile `…` not found");
    }

    #[test]
    fn what_is_in_every_output_is_refused() {
        for general in ["", "^$", "OK", "…", "config profile…", "…not found here"] {
            text(general).unwrap_err();
        }
        for general in ["error", "sshd[", "Forbidden"] {
            toml::from_str::<Sign>(&format!("says = ['{general}']")).unwrap_err();
            let sign = format!("says = ['Connection closed by']\nunless = ['{general}']");
            toml::from_str::<Sign>(&sign).unwrap();
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
