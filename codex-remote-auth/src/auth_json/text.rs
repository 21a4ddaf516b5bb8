//! Turns the bytes of a login file into its JSON object, and names each way in which a copy can be damaged.

use serde_json::error::Category;
use serde_json::value::RawValue;

use super::json::Object;
use super::wrapping::{self, Wrapping};
use super::{AuthProblem, JsonFault, OtherFile, Secret};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// How a file of gzip begins (RFC 1952, 2.3.1).
const GZIP: &[u8] = b"\x1f\x8b";

/// Reads the bytes as an object. Codex reads the file as UTF-8 text and then as JSON, so both are checked here.
pub(super) fn object(bytes: &[u8]) -> Result<Object<'_>, AuthProblem> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Err(AuthProblem::ByteOrderMark);
    }
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(AuthProblem::Empty);
    }
    if wrapping::is_utf_16(bytes) {
        return Err(AuthProblem::Utf16);
    }
    if bytes.starts_with(GZIP) {
        return Err(AuthProblem::Gzip);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| AuthProblem::NotUtf8)?;
    if text.ends_with('\0') {
        return Err(AuthProblem::TrailingNul);
    }
    // The parser's message may quote the input, so only the position is kept.
    let value: &RawValue = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(_) if is_wrapped(bytes, Wrapping::Base64) => return Err(AuthProblem::Base64),
        Err(error) => {
            if let Some(other) = OtherFile::of_text(text) {
                return Err(AuthProblem::Other(other));
            }
            let fault = match error.classify() {
                Category::Eof => JsonFault::CutShort,
                // The parser has no other mark for it.
                _ if error.to_string().starts_with("trailing characters") => JsonFault::MoreFollows,
                _ => JsonFault::NotAllowed,
            };
            return Err(AuthProblem::NotJson { line: error.line(), column: error.column(), fault });
        }
    };
    Object::of(value).ok_or_else(|| match is_wrapped(bytes, Wrapping::JsonString) {
        true => AuthProblem::JsonInAString,
        false => AuthProblem::NotAnObject,
    })
}

fn is_wrapped(bytes: &[u8], how: Wrapping) -> bool {
    wrapping::unwrap(bytes).is_some_and(|(_, found)| found == how)
}

/// How often a login may be wrapped. A secret of a pipeline can be a JSON string of base64.
const MOST_WRAPPINGS: usize = 3;

/// The content of these bytes without the wrappings that `accepted` accepts, and those wrappings, the outermost first.
pub(super) fn unwrapped(bytes: &[u8], accepted: fn(Wrapping) -> bool) -> Option<(Secret, Vec<Wrapping>)> {
    let (mut inner, first) = wrapping::unwrap(bytes).filter(|(_, how)| accepted(*how))?;
    let mut all = vec![first];
    while all.len() < MOST_WRAPPINGS
        && let Some((next, how)) = wrapping::unwrap(inner.expose()).filter(|(_, how)| accepted(*how))
    {
        inner = next;
        all.push(how);
    }
    Some((inner, all))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;
    use crate::auth_json::testing::Chatgpt;
    use crate::auth_json::{AuthFile, Warning};

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
        for (text, line, column, fault) in [
            ("{\n\"tokens\": {", 2, 11, JsonFault::CutShort),
            ("{}\n{}", 2, 1, JsonFault::MoreFollows),
            ("{\"a\":1,}", 1, 8, JsonFault::NotAllowed),
            ("{\n// mine\n}", 2, 1, JsonFault::NotAllowed),
        ] {
            assert_eq!(problem(text), AuthProblem::NotJson { line, column, fault }, "{text}");
        }
        assert_eq!(problem(*b"\x1f\x8b\x08\x00"), AuthProblem::Gzip);
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

    #[test]
    fn a_login_is_taken_out_of_base64_and_out_of_a_json_string() {
        let good = Chatgpt::new().text();
        let base64 = STANDARD.encode(&good);
        let string = |text: &str| serde_json::to_string(text).unwrap();
        let wrapped: Vec<&str> =
            base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let (once, twice) = ([Wrapping::Base64].as_slice(), [Wrapping::JsonString, Wrapping::Base64]);
        for (text, expected) in [
            (base64.clone(), once),
            (wrapped.join("\r\n") + "\n", once),
            (base64.trim_end_matches('=').to_owned(), once),
            (URL_SAFE_NO_PAD.encode(&good), once),
            (string(&good), &[Wrapping::JsonString]),
            (format!("  {}\n", string(&good)), &[Wrapping::JsonString]),
            (string(&base64), &twice),
        ] {
            let login = AuthFile::given(text.as_str()).unwrap();
            assert_eq!(login.bytes().expose(), good.as_bytes(), "{text}");
            let expected: Vec<Warning> = expected.iter().map(|how| Warning::Unwrapped(*how)).collect();
            assert_eq!(login.warnings(0), expected, "{text}");
            assert!(AuthFile::from_bytes(text.as_str()).is_err(), "Codex reads none of them");
        }
        assert_eq!(AuthFile::given(good.as_str()).unwrap().warnings(0), []);
    }

    #[test]
    fn what_is_wrapped_is_checked_as_any_login() {
        let given = |bytes: Vec<u8>| AuthFile::given(bytes).unwrap_err();
        let no_id = Chatgpt::new().token("id_token", "").text();
        assert_eq!(given(STANDARD.encode(&no_id).into()), AuthProblem::BadIdToken);
        assert_eq!(given(STANDARD.encode("{").into()).code(), "auth-not-json");
        assert_eq!(given(b"\"text\"".to_vec()), AuthProblem::NotAnObject);
        assert_eq!(given(STANDARD.encode("no login").into()).code(), "auth-not-json");
        // Damage is not undone on the way.
        assert_eq!(given(STANDARD.encode(format!("\u{feff}{no_id}")).into()), AuthProblem::ByteOrderMark);
        assert_eq!(given(no_id.encode_utf16().flat_map(u16::to_le_bytes).collect()), AuthProblem::Utf16);
        let mut deep = Chatgpt::new().text();
        for _ in 0..4 {
            deep = serde_json::to_string(&deep).unwrap();
        }
        assert_eq!(given(deep.into()), AuthProblem::JsonInAString);
    }
}
