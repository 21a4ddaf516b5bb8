//! Makes a login from an API key, as `codex login --with-api-key` does.

use zeroize::Zeroizing;

use super::{AuthFile, AuthProblem, Secret};

impl AuthFile {
    /// Makes the login that authenticates with this key. White space around the key is removed.
    ///
    /// # Errors
    /// [`AuthProblem::NoApiKey`] if nothing is left, or if the key contains anything but visible ASCII characters;
    /// [`AuthProblem::KeyInALine`] if it is in quotation marks, or after the name of a variable.
    pub fn of_api_key(key: &Secret) -> Result<Self, AuthProblem> {
        let key = key.expose().trim_ascii();
        if key.is_empty() || !key.iter().all(u8::is_ascii_graphic) {
            return Err(AuthProblem::NoApiKey);
        }
        let is_in_quotes = |mark: u8| key.len() > 1 && key.starts_with(&[mark]) && key.ends_with(&[mark]);
        if is_in_quotes(b'"') || is_in_quotes(b'\'') || key.starts_with(b"OPENAI_API_KEY=") {
            return Err(AuthProblem::KeyInALine);
        }
        let mut text = Zeroizing::new(Vec::with_capacity(2 * key.len() + 64));
        text.extend_from_slice(b"{\n  \"auth_mode\": \"apikey\",\n  \"OPENAI_API_KEY\": \"");
        for &byte in key {
            if matches!(byte, b'"' | b'\\') {
                text.push(b'\\');
            }
            text.push(byte);
        }
        text.extend_from_slice(b"\"\n}\n");
        Self::from_bytes(&text[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth_json::Form;

    #[test]
    fn a_key_becomes_a_login_with_that_key() {
        let auth = AuthFile::of_api_key(&Secret::new(" a\"b\\c\r\n")).unwrap();
        assert_eq!(auth.form(), Form::ApiKey);
        let value: serde_json::Value = serde_json::from_slice(auth.bytes().expose()).unwrap();
        assert_eq!(value["OPENAI_API_KEY"], "a\"b\\c");
        assert_eq!(value["auth_mode"], "apikey");
    }

    #[test]
    fn a_line_of_a_dotenv_is_no_key() {
        for text in ["\"made-up\"", "'made-up'\n", "OPENAI_API_KEY=made-up"] {
            let problem = AuthFile::of_api_key(&Secret::new(text)).unwrap_err();
            assert_eq!(problem, AuthProblem::KeyInALine, "{text}");
        }
    }

    #[test]
    fn text_that_is_not_a_key_is_refused() {
        for text in ["", " \n", "two words", "a\nb", "{\n\"tokens\": {}}", "caf\u{e9}"] {
            assert_eq!(
                AuthFile::of_api_key(&Secret::new(text)).unwrap_err(),
                AuthProblem::NoApiKey,
                "{text}"
            );
        }
    }
}
