//! An auth.json to send: its bytes are unchanged and its shape is checked.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use super::parse::{self, Parsed};
use super::{AuthProblem, Form, LastRefresh, LoginOwner, Secret, text};
use crate::message::plain_words;

/// The largest file that is accepted as a login, in bytes. A ChatGPT login has about 4 KB.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// A validated login. It keeps the bytes of the file, so fields that this version does not know survive a copy.
#[derive(Debug, Clone)]
pub struct AuthFile {
    bytes: Secret,
    parsed: Parsed,
}

/// A warning about a login that Codex accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The refresh token is empty: the login ends when its access token expires.
    CannotRenew,
    /// There is no `last_refresh`, so Codex renews the tokens on its first call. Every other copy then stops working.
    RenewsAtOnce,
    /// The file has ChatGPT tokens, but Codex uses another credential in the file instead.
    TokensUnused(Form),
    /// The login is for Amazon Bedrock, which Codex uses only if its configuration says so.
    NeedsBedrock,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CannotRenew => f.write_str(
                "the refresh token of this login is empty: Codex cannot renew it, and it ends when its access token expires",
            ),
            Self::RenewsAtOnce => f.write_str(
                "this login has no `last_refresh`: the first call of Codex renews it, and its other copies stop working",
            ),
            Self::NeedsBedrock => {
                f.write_str("Codex uses this login only with model_provider = \"amazon-bedrock\" in its configuration")
            }
            Self::TokensUnused(form) => {
                write!(f, "Codex uses the {} of this login and not its ChatGPT tokens", form.as_str())
            }
        }
    }
}

impl AuthFile {
    /// Reads and validates the file at `path`.
    ///
    /// # Errors
    /// Any [`AuthProblem`]. None of them shows the file's content.
    pub fn read(path: &Path) -> Result<Self, AuthProblem> {
        let metadata = std::fs::metadata(path).map_err(|error| at(path, &error))?;
        if !metadata.is_file() {
            return Err(AuthProblem::NotAFile { path: path.to_owned() });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(metadata.len().min(MAX_BYTES) as usize + 1));
        let file = File::open(path).map_err(|error| at(path, &error))?;
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| at(path, &error))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(AuthProblem::TooLarge { bytes: metadata.len(), limit: MAX_BYTES });
        }
        Self::from_bytes(&bytes[..])
    }

    /// Validates a login that is already in memory. Anything that Codex would not read is refused.
    ///
    /// # Errors
    /// Any [`AuthProblem`] except those about reading a file.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, AuthProblem> {
        let bytes = Secret::new(bytes);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(AuthProblem::TooLarge { bytes: bytes.len() as u64, limit: MAX_BYTES });
        }
        let parsed = parse::parse(&text::object(bytes.expose())?)?;
        Ok(Self { bytes, parsed })
    }

    /// A login that is not checked at all. The caller vouches for its shape; the lessons send broken logins this way.
    pub fn unchecked(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: Secret::new(bytes), parsed: Parsed::nothing(Form::ChatGpt) }
    }

    /// The bytes to send.
    pub fn bytes(&self) -> &Secret {
        &self.bytes
    }

    /// What the login authenticates with, by the rules of Codex.
    pub fn form(&self) -> Form {
        self.parsed.form
    }

    /// The owner of the login; `None` if the login does not name one.
    pub fn account(&self) -> Option<&LoginOwner> {
        self.parsed.account.as_ref()
    }

    /// The first letter and the domain of the person's e-mail address, as in `j…@example.com`.
    pub fn masked_email(&self) -> Option<&str> {
        self.parsed.masked_email.as_deref()
    }

    /// The workspace that the id token names. Codex compares it with `forced_chatgpt_workspace_id`. It must not be
    /// shown.
    pub fn workspace(&self) -> Option<&Secret> {
        self.parsed.workspace.as_ref()
    }

    /// When Codex last refreshed the login; `None` if the login does not say.
    pub fn last_refresh(&self) -> Option<&LastRefresh> {
        self.parsed.last_refresh.as_ref()
    }

    /// When the access token expires, in Unix seconds; `None` if this is not a ChatGPT login, or the token does not
    /// say.
    pub fn expires_at(&self) -> Option<i64> {
        self.parsed.expires_at.filter(|_| self.form() == Form::ChatGpt)
    }

    /// Whether Codex can renew the login when it expires.
    pub fn can_renew(&self) -> bool {
        self.form() == Form::ChatGpt && self.parsed.has_refresh_token
    }

    /// What a person should know about the login before it is sent.
    pub fn warnings(&self) -> Vec<Warning> {
        let chatgpt = self.form() == Form::ChatGpt;
        [
            (chatgpt && !self.can_renew(), Warning::CannotRenew),
            (self.can_renew() && self.last_refresh().is_none(), Warning::RenewsAtOnce),
            (self.parsed.unused_tokens, Warning::TokensUnused(self.form())),
            (matches!(self.form(), Form::BedrockApiKey | Form::BedrockAccessKeys), Warning::NeedsBedrock),
        ]
        .into_iter()
        .filter_map(|(holds, warning)| holds.then_some(warning))
        .collect()
    }
}

fn at(path: &Path, error: &std::io::Error) -> AuthProblem {
    let path = path.to_owned();
    match error.kind() {
        std::io::ErrorKind::NotFound => AuthProblem::Missing { path },
        _ => AuthProblem::Unreadable { path, reason: plain_words(error) },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::auth_json::testing::{Chatgpt, login};

    #[test]
    fn unknown_fields_survive_byte_for_byte() {
        let text = "{ \"new_field\" : [1, 2],\n\t\"OPENAI_API_KEY\":\"k\" }\r\n";
        assert_eq!(login(text).bytes().expose(), text.as_bytes());
    }

    #[test]
    fn files_that_cannot_be_a_login_have_different_codes() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(AuthFile::read(folder.path()).unwrap_err().code(), "auth-not-a-file");
        assert_eq!(AuthFile::read(&folder.path().join("none")).unwrap_err().code(), "auth-missing");
        let large = folder.path().join("large");
        std::fs::write(&large, vec![b' '; MAX_BYTES as usize + 1]).unwrap();
        assert_eq!(AuthFile::read(&large).unwrap_err().code(), "auth-too-large");
    }

    #[test]
    fn a_login_may_be_exactly_as_large_as_the_limit() {
        let mut text = Chatgpt::new().text();
        text.push_str(&" ".repeat(MAX_BYTES as usize - text.len()));
        assert!(AuthFile::from_bytes(text.as_str()).is_ok());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        std::fs::write(&path, &text).unwrap();
        assert!(AuthFile::read(&path).is_ok());
        text.push(' ');
        assert_eq!(AuthFile::from_bytes(text).unwrap_err().code(), "auth-too-large");
    }

    #[test]
    fn a_file_that_was_cut_short_is_called_that() {
        let text = Chatgpt::new().text();
        let problem = AuthFile::from_bytes(&text.as_bytes()[..text.len() / 2]).unwrap_err();
        assert!(problem.hint().starts_with("it may be cut short"), "{problem}");
    }

    #[test]
    fn every_warning_has_words_of_its_own() {
        let all = [
            Warning::CannotRenew,
            Warning::RenewsAtOnce,
            Warning::TokensUnused(Form::ApiKey),
            Warning::NeedsBedrock,
        ];
        let words = all.map(|warning| warning.to_string());
        assert!(words[2].contains("the API key of this login"), "{words:?}");
        assert!(
            words.iter().all(|one| one.len() > 40 && words.iter().filter(|other| *other == one).count() == 1)
        );
    }

    #[test]
    fn the_workspace_is_that_of_the_id_token() {
        let login = Chatgpt::new().account("of-the-team").file();
        assert_eq!(
            login.workspace().map(|workspace| workspace.expose().to_vec()),
            Some(b"of-the-team".to_vec())
        );
        assert!(Chatgpt::new().no_claims().file().workspace().is_none());
    }

    #[test]
    fn each_warning_appears_only_when_it_applies() {
        assert_eq!(Chatgpt::new().file().warnings(), []);
        assert_eq!(Chatgpt::new().token("refresh_token", "").file().warnings(), [Warning::CannotRenew]);
        let never = Chatgpt::new().with("last_refresh", serde_json::Value::Null).file();
        assert_eq!(never.warnings(), [Warning::RenewsAtOnce]);
        let both = Chatgpt::new().with("OPENAI_API_KEY", "k");
        assert_eq!(both.file().warnings(), [Warning::TokensUnused(Form::ApiKey)]);
        assert_eq!(both.with("auth_mode", "chatgpt").file().warnings(), []);
        assert_eq!(login(r#"{"OPENAI_API_KEY":"k"}"#).warnings(), []);
        let bedrock = login(r#"{"bedrock_access_keys":{"access_key_id":"k"}}"#);
        assert_eq!(bedrock.warnings(), [Warning::NeedsBedrock]);
    }

    #[test]
    fn the_expiry_is_that_of_the_access_token() {
        let one = Chatgpt::new();
        assert_eq!(one.file().expires_at(), Some(4_102_444_800));
        assert!(one.file().can_renew());
        assert_eq!(one.with("OPENAI_API_KEY", "k").file().expires_at(), None, "the key counts");
        assert_eq!(Chatgpt::new().token("access_token", "opaque").file().expires_at(), None);
    }

    /// A JSON value of any shape, with a marker in its strings and names.
    fn any_value(marker: &'static str) -> impl Strategy<Value = serde_json::Value> {
        let text = prop_oneof![
            Just(marker.to_owned()),
            Just(format!("{marker}.{marker}.{marker}")),
            Just(String::new())
        ];
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<i32>().prop_map(Into::into),
            text.prop_map(Into::into),
        ];
        leaf.prop_recursive(2, 12, 4, |inner| {
            let names = prop_oneof![
                Just("id_token".to_owned()),
                Just("access_token".to_owned()),
                Just("refresh_token".to_owned()),
                Just(MARKER.to_owned()),
            ];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Into::into),
                proptest::collection::btree_map(names, inner, 0..4)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    const MARKER: &str = "do-not-show-this";

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = AuthFile::from_bytes(bytes);
        }

        #[test]
        fn no_message_shows_content_of_the_file(
            members in proptest::collection::btree_map(
                prop_oneof![
                    Just("auth_mode"), Just("OPENAI_API_KEY"), Just("tokens"), Just("last_refresh"), Just("agent_identity"),
                    Just("personal_access_token"), Just("bedrock_api_key"), Just("bedrock_access_keys"), Just(MARKER),
                ],
                any_value(MARKER),
                0..5,
            ),
            cut in 0_usize..400,
        ) {
            let text = serde_json::to_string(&members).unwrap();
            for text in [&text[..], text.get(..cut).unwrap_or(&text)] {
                let shown = match AuthFile::from_bytes(text) {
                    Ok(auth) => format!("{auth:?} {:?} {:?}", auth.warnings(), auth.owner_compared_with(&Chatgpt::new().file())),
                    Err(problem) => format!("{problem} {problem:?}"),
                };
                prop_assert!(!shown.contains(MARKER), "{shown}");
            }
        }

        #[test]
        fn a_login_keeps_its_bytes_and_never_shows_them(key in "[A-Za-z0-9]{20,60}", extra in "[a-z]{1,9}") {
            let text = format!("{{\"{extra}\": 1, \"OPENAI_API_KEY\": \"{key}\"}}");
            let auth = AuthFile::from_bytes(text.as_str()).unwrap();
            prop_assert_eq!(auth.bytes().expose(), text.as_bytes());
            let shown = format!("{auth:?}");
            prop_assert!(!shown.contains(&key));
        }
    }
}
