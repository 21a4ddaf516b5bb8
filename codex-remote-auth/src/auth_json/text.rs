//! Turns the bytes of a login file into its JSON object, and names each way in which a copy can be damaged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::AuthProblem;
use super::json::{Object, Text};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the bytes as an object. Codex reads the file as UTF-8 text and then as JSON, so both are checked here.
pub(super) fn object(bytes: &[u8]) -> Result<Object<'_>, AuthProblem> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Err(AuthProblem::ByteOrderMark);
    }
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(AuthProblem::Empty);
    }
    if is_utf_16(bytes) {
        return Err(AuthProblem::Utf16);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| AuthProblem::NotUtf8)?;
    if text.ends_with('\0') {
        return Err(AuthProblem::TrailingNul);
    }
    // The parser's message may quote the input, so only the position is kept.
    let value: &RawValue = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(_) if is_base64(text) => return Err(AuthProblem::Base64),
        Err(error) => return Err(AuthProblem::NotJson { line: error.line(), column: error.column() }),
    };
    Object::of(value).ok_or_else(|| match serde_json::from_str::<Text<'_>>(value.get()) {
        Ok(inner) if inner.trim_start().starts_with('{') => AuthProblem::JsonInAString,
        _ => AuthProblem::NotAnObject,
    })
}

/// UTF-16 has a byte-order mark, or is ASCII in two bytes per character.
fn is_utf_16(bytes: &[u8]) -> bool {
    let first = bytes.get(..2).unwrap_or_default();
    matches!(first, b"\xff\xfe" | b"\xfe\xff") || matches!(first, [one, two] if (*one == 0) != (*two == 0))
}

fn is_base64(text: &str) -> bool {
    let text: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    STANDARD.decode(&*text).is_ok_and(|inner| Zeroizing::new(inner).trim_ascii_start().starts_with(b"{"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth_json::AuthFile;
    use crate::auth_json::testing::Chatgpt;

    fn problem(bytes: impl Into<Vec<u8>>) -> AuthProblem {
        AuthFile::from_bytes(bytes).unwrap_err()
    }

    #[test]
    fn each_kind_of_broken_file_has_its_own_problem() {
        for text in ["", " \n", "\0\0"] {
            assert_eq!(problem(text), AuthProblem::Empty);
        }
        assert_eq!(problem("[]"), AuthProblem::NotAnObject);
        assert_eq!(problem("\"text\""), AuthProblem::NotAnObject);
        assert_eq!(problem("\u{feff}{}"), AuthProblem::ByteOrderMark);
        assert_eq!(problem("{\n\"tokens\": {"), AuthProblem::NotJson { line: 2, column: 11 });
        assert_eq!(problem("{} {}").code(), "auth-not-json");
        assert_eq!(problem(*b"{\"OPENAI_API_KEY\":\"\xff\"}"), AuthProblem::NotUtf8);
        assert_eq!(problem("[".repeat(100_000)).code(), "auth-not-json");
    }

    #[test]
    fn a_good_login_in_another_encoding_is_named() {
        let good = Chatgpt::new().text();
        let units: Vec<u16> = good.encode_utf16().collect();
        for bytes in [
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>(),
            units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            [b"\xff\xfe".to_vec(), units.iter().flat_map(|unit| unit.to_le_bytes()).collect()].concat(),
            [b"\xfe\xff".to_vec(), units.iter().flat_map(|unit| unit.to_be_bytes()).collect()].concat(),
        ] {
            assert_eq!(problem(bytes), AuthProblem::Utf16);
        }
        assert_eq!(problem(format!("{good}\0")), AuthProblem::TrailingNul);
        assert_eq!(problem(format!("{good}\n\0\0")), AuthProblem::TrailingNul);
        let base64 = STANDARD.encode(&good);
        assert_eq!(problem(base64.as_str()), AuthProblem::Base64);
        let wrapped: Vec<&str> =
            base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        assert_eq!(problem(wrapped.join("\n") + "\n"), AuthProblem::Base64);
        assert_eq!(problem(serde_json::to_string(&good).unwrap()), AuthProblem::JsonInAString);
    }
}
