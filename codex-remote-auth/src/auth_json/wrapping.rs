//! Takes a login out of the form in which a secret store, an environment variable or a copied file holds it.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::Secret;
use super::json::Text;

/// How a login was wrapped. Codex reads none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrapping {
    /// Base64, with any line breaks, with or without padding, in the usual or the URL-safe alphabet.
    Base64,
    /// A JSON string that contains the file.
    JsonString,
    /// UTF-16, with or without a byte-order mark.
    Utf16,
    /// A UTF-8 byte-order mark at the beginning.
    ByteOrderMark,
    /// NUL bytes at the end.
    TrailingNul,
}

impl Wrapping {
    /// Whether people keep a login in this form on purpose. The others are damage, which may have damaged more.
    pub(super) fn is_intended(self) -> bool {
        matches!(self, Self::Base64 | Self::JsonString)
    }
}

/// With its article.
impl fmt::Display for Wrapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base64 => "base64",
            Self::JsonString => "a JSON string",
            Self::Utf16 => "UTF-16",
            Self::ByteOrderMark => "text with a byte-order mark",
            Self::TrailingNul => "text with NUL bytes at its end",
        })
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The usual alphabet; see [`from_base64`] for the other one.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The content of a wrapped text, and how it was wrapped. `None` if the text is not wrapped.
pub(super) fn unwrap(bytes: &[u8]) -> Option<(Secret, Wrapping)> {
    if bytes.trim_ascii().is_empty() {
        return None;
    }
    if let Some(rest) = bytes.strip_prefix(BYTE_ORDER_MARK) {
        return Some((Secret::new(rest), Wrapping::ByteOrderMark));
    }
    if is_utf_16(bytes) {
        return Some((from_utf_16(bytes)?, Wrapping::Utf16));
    }
    if let [.., 0] = bytes {
        let end = bytes.iter().rposition(|byte| *byte != 0)?;
        return Some((Secret::new(&bytes[..=end]), Wrapping::TrailingNul));
    }
    if bytes.trim_ascii_start().starts_with(b"\"") {
        let inner: Text<'_> = serde_json::from_slice(bytes).ok()?;
        return holds_a_login(inner.as_bytes())
            .then(|| (Secret::new(inner.as_bytes()), Wrapping::JsonString));
    }
    from_base64(bytes).map(|inner| (inner, Wrapping::Base64))
}

/// UTF-16 has a byte-order mark, or is ASCII in two bytes per character.
pub(super) fn is_utf_16(bytes: &[u8]) -> bool {
    let first = bytes.get(..2).unwrap_or_default();
    matches!(first, b"\xff\xfe" | b"\xfe\xff") || matches!(first, [one, two] if (*one == 0) != (*two == 0))
}

fn from_utf_16(bytes: &[u8]) -> Option<Secret> {
    let (little, rest) = match bytes {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        [first, ..] => (*first != 0, bytes),
        [] => return None,
    };
    let (pairs, odd) = rest.as_chunks::<2>();
    let units = pairs.iter().map(|pair| match little {
        true => u16::from_le_bytes(*pair),
        false => u16::from_be_bytes(*pair),
    });
    let mut text = Zeroizing::new(String::with_capacity(2 * rest.len()));
    for letter in char::decode_utf16(units) {
        text.push(letter.ok()?);
    }
    odd.is_empty().then(|| Secret::new(text.as_bytes()))
}

/// Both alphabets are accepted, because a text rarely shows which one it is in.
fn from_base64(bytes: &[u8]) -> Option<Secret> {
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len()));
    text.extend(bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    }));
    let inner = Zeroizing::new(BASE64.decode(&*text).ok()?);
    holds_a_login(&inner).then(|| Secret::new(&inner[..]))
}

/// Whether the content of a wrapped text can be a login, or another wrapping of one. Every wrapping is longer than its
/// content, so this ends.
fn holds_a_login(inner: &[u8]) -> bool {
    inner.trim_ascii_start().starts_with(b"{") || unwrap(inner).is_some()
}
