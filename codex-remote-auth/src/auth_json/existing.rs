//! An auth.json that already exists on a host, and whether replacing it would lose a login.

use super::text::unwrapped;
use super::{AuthFile, AuthProblem};

/// The content of an existing auth.json.
#[derive(Debug, Clone)]
pub enum Existing {
    /// A login. It is compared with the login to send.
    Login(AuthFile),
    /// A login that no Codex reads, because it is wrapped or in another encoding. A small change makes it usable, so it
    /// is compared with the login to send.
    Unreadable {
        /// The login.
        login: AuthFile,
        /// Why Codex does not read it.
        why: AuthProblem,
    },
    /// Nothing that any Codex reads, so replacing it loses nothing.
    NotALogin {
        /// What is wrong with it.
        why: AuthProblem,
    },
    /// This version cannot judge it. It may be the login of a newer Codex, so a person has to confirm that it may be
    /// replaced.
    Unknown {
        /// What cannot be judged.
        why: AuthProblem,
    },
}

impl Existing {
    /// Reads the bytes with the same parser as the login to send. The caller keeps the bytes in a
    /// [`Secret`](super::Secret).
    pub fn read(bytes: &[u8]) -> Self {
        match AuthFile::from_bytes(bytes) {
            Ok(login) => Self::Login(login),
            Err(why) if why.is_about_the_wrapping() => {
                let inner = unwrapped(bytes, |_| true).map(|(inner, _)| Self::read_unwrapped(inner.expose()));
                match inner {
                    Some(Self::Login(login)) => Self::Unreadable { login, why },
                    Some(Self::Unknown { .. }) => Self::Unknown { why },
                    _ => Self::NotALogin { why },
                }
            }
            Err(why) if why.may_hide_a_login() => Self::Unknown { why },
            Err(why) => Self::NotALogin { why },
        }
    }

    /// Whether a person may still find a token or a key in a file that is no login: one that was cut short, or has a
    /// character too many.
    pub fn has_remains(bytes: &[u8]) -> bool {
        let has = |name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
        [&b"_token\""[..], b"API_KEY\"", b"api_key\""].into_iter().any(has)
    }

    fn read_unwrapped(bytes: &[u8]) -> Self {
        match AuthFile::from_bytes(bytes) {
            Ok(login) => Self::Login(login),
            Err(why) if why.may_hide_a_login() => Self::Unknown { why },
            Err(why) => Self::NotALogin { why },
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::auth_json::testing::Chatgpt;
    use crate::auth_json::{Form, MAX_BYTES};

    #[test]
    fn a_damaged_login_has_remains() {
        let whole = Chatgpt::new().text();
        for damaged in [format!("{whole}<<<<<<< HEAD\n"), whole[..whole.len() / 2].to_owned()] {
            assert!(
                matches!(read(&damaged), Existing::NotALogin { .. })
                    && Existing::has_remains(damaged.as_bytes())
            );
        }
        for nothing in ["", "{}", "Not Found"] {
            assert!(!Existing::has_remains(nothing.as_bytes()));
        }
    }

    fn read(text: impl AsRef<[u8]>) -> Existing {
        Existing::read(text.as_ref())
    }

    #[test]
    fn a_login_of_any_form_is_a_login() {
        for (text, form) in [
            (Chatgpt::new().text(), Form::ChatGpt),
            (Chatgpt::new().with("last_refresh", "2026-01-24T10:00:00+02:00").text(), Form::ChatGpt),
            (Chatgpt::new().with("a_new_field", 1).text(), Form::ChatGpt),
            (r#"{"OPENAI_API_KEY":"k"}"#.to_owned(), Form::ApiKey),
            (r#"{"personal_access_token":"k"}"#.to_owned(), Form::AccessToken),
            (r#"{"auth_mode":"agentIdentity","agent_identity":"a.b.c"}"#.to_owned(), Form::AgentIdentity),
            (r#"{"bedrock_api_key":{"api_key":"k"}}"#.to_owned(), Form::BedrockApiKey),
        ] {
            let Existing::Login(login) = read(&text) else { panic!("{form:?} is not seen") };
            assert_eq!(login.form(), form);
            assert_eq!(login.bytes().expose(), text.as_bytes());
        }
    }

    #[test]
    fn a_file_that_no_codex_reads_is_not_a_login() {
        let whole = Chatgpt::new().text();
        for (text, code) in [
            (String::new(), "auth-empty"),
            ("\0\0\0".to_owned(), "auth-empty"),
            ("{}".to_owned(), "auth-no-credential"),
            (r#"{"last_refresh":"2026-01-24T10:00:00Z","tokens":null}"#.to_owned(), "auth-no-credential"),
            (whole[..whole.len() / 2].to_owned(), "auth-not-json"),
            (format!("{whole}{whole}"), "auth-not-json"),
            (format!("<<<<<<< HEAD\n{whole}"), "auth-not-json"),
            (Chatgpt::new().token("id_token", "").text(), "auth-bad-id-token"),
            (Chatgpt::new().without("refresh_token").text(), "auth-token-missing"),
            (Chatgpt::new().with("last_refresh", 7).text(), "auth-wrong-type"),
            (r#"{"OPENAI_API_KEY":""}"#.to_owned(), "auth-credential-empty"),
        ] {
            let Existing::NotALogin { why } = read(&text) else { panic!("{code}") };
            assert_eq!(why.code(), code);
        }
    }

    #[test]
    fn a_login_in_a_form_that_no_codex_reads_is_still_a_login() {
        let good = Chatgpt::new().text();
        let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for (bytes, code) in [
            (utf_16(&good), "auth-utf-16"),
            (good.encode_utf16().flat_map(u16::to_be_bytes).collect(), "auth-utf-16"),
            ([b"\xff\xfe".to_vec(), utf_16(&good)].concat(), "auth-utf-16"),
            (format!("\u{feff}{good}").into(), "auth-byte-order-mark"),
            (format!("{good}\0\0").into(), "auth-trailing-nul"),
            (STANDARD.encode(&good).into(), "auth-base64"),
            (serde_json::to_string(&good).unwrap().into(), "auth-json-in-a-string"),
        ] {
            let Existing::Unreadable { login, why } = read(&bytes) else { panic!("{code}") };
            assert_eq!((login.bytes().expose(), why.code()), (good.as_bytes(), code));
        }
        let unknown = Chatgpt::new().with("auth_mode", "tomorrow").text();
        assert!(matches!(read(utf_16(&unknown)), Existing::Unknown { why: AuthProblem::Utf16 }));
        for nothing in [utf_16("{}"), b"\xff\xfe\0".to_vec(), STANDARD.encode("{").into()] {
            assert!(matches!(read(nothing), Existing::NotALogin { .. }));
        }
    }

    #[test]
    fn a_file_that_a_newer_codex_may_read_is_unknown() {
        for (text, code) in [
            (Chatgpt::new().with("auth_mode", "tomorrow").text(), "auth-unknown-mode"),
            (Chatgpt::new().with("auth_mode", 7).text(), "auth-wrong-type"),
            (r#"{"OPENAI_API_KEY":null,"passkey":{"id":1}}"#.to_owned(), "auth-unknown-credential"),
            (r#"{"personal_access_token":{"token":"k"}}"#.to_owned(), "auth-wrong-type"),
            (r#"[null,"key"]"#.to_owned(), "auth-not-an-object"),
            // A credential that Codex ignores, but would use again after a small change to the file.
            (r#"{"agent_identity":"a.b.c"}"#.to_owned(), "auth-credential-missing"),
            (Chatgpt::new().with("auth_mode", "apikey").text(), "auth-credential-missing"),
            (Chatgpt::new().with("OPENAI_API_KEY", "").text(), "auth-credential-empty"),
            (" ".repeat(MAX_BYTES as usize + 1), "auth-too-large"),
        ] {
            let Existing::Unknown { why } = read(&text) else { panic!("{code}") };
            assert_eq!(why.code(), code);
        }
    }

    #[test]
    fn debug_shows_no_content_of_the_file() {
        let shown = format!("{:?}", read(Chatgpt::new().with("auth_mode", "do-not-show").text()));
        assert!(!shown.contains("do-not-show"), "{shown}");
        let login = Chatgpt::new().person("one-not-shown").account("two-not-shown");
        let token = login.value()["tokens"]["refresh_token"].as_str().unwrap().to_owned();
        let shown = format!("{:?}", read(login.text()));
        assert!(!shown.contains(&token) && !shown.contains("not-shown"), "{shown}");
    }
}
