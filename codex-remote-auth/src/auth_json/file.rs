//! An auth.json to send: its bytes are unchanged and its shape is checked.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::parse::{self, Parsed};
use super::{AuthProblem, Form, LastRefresh, LoginOwner, RenewsBecause, Secret, Warning, Wrapping, text};
use crate::message::plain_words;

/// The largest file that is accepted as a login, in bytes. A ChatGPT login has about 4 KB.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// A validated login. It keeps the bytes of the file, so fields that this version does not know survive a copy.
#[derive(Debug, Clone)]
pub struct AuthFile {
    bytes: Secret,
    parsed: Parsed,
    /// What it was taken out of.
    wrappings: Vec<Wrapping>,
    /// Why Codex cannot read it, if it is sent all the same.
    unchecked: Option<AuthProblem>,
}

impl AuthFile {
    /// Reads and validates the file at `path`, as [`given`](Self::given) does.
    ///
    /// # Errors
    /// Any [`AuthProblem`]. None of them shows the file's content.
    pub fn read(path: &Path) -> Result<Self, AuthProblem> {
        Self::given(Self::bytes_at(path)?.expose())
    }

    /// The bytes at `path`: of a file, of a pipe as `<(…)` of a shell gives it, or of a device. At most a little more
    /// than [`MAX_BYTES`] are read.
    ///
    /// # Errors
    /// An [`AuthProblem`] about reading the file, or its size.
    pub fn bytes_at(path: &Path) -> Result<Secret, AuthProblem> {
        let metadata = std::fs::metadata(path).map_err(|error| at(path, &error))?;
        if metadata.is_dir() || metadata.file_type().is_socket() {
            let has_auth = path.join("auth.json").is_file();
            return Err(AuthProblem::NotAFile { path: path.to_owned(), has_auth });
        }
        let file = File::open(path).map_err(|error| at(path, &error))?;
        if file.is_terminal() {
            return Err(AuthProblem::Terminal { path: path.to_owned() });
        }
        // The size of a pipe is not known. If the vector grew, copies of the login would stay in memory.
        let size = if metadata.is_file() { metadata.len().min(MAX_BYTES) } else { MAX_BYTES };
        let mut bytes = Zeroizing::new(Vec::with_capacity(size as usize + 1));
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| at(path, &error))?;
        match bytes.len() as u64 > MAX_BYTES {
            true => Err(AuthProblem::TooLarge { limit: MAX_BYTES }),
            false => Ok(Secret::new(&bytes[..])),
        }
    }

    /// Validates a login that is already in memory. Anything that Codex would not read is refused.
    ///
    /// # Errors
    /// Any [`AuthProblem`] except those about reading a file.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, AuthProblem> {
        let bytes = Secret::new(bytes);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(AuthProblem::TooLarge { limit: MAX_BYTES });
        }
        let parsed = parse::parse(&text::object(bytes.expose())?)?;
        Ok(Self { bytes, parsed, wrappings: Vec::new(), unchecked: None })
    }

    /// Validates a login as a person or a pipeline gives it. It may be in base64 or in a JSON string; then it is taken
    /// out, and [`bytes`](Self::bytes) are those of the file itself.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes), about the content.
    pub fn given(bytes: impl Into<Vec<u8>>) -> Result<Self, AuthProblem> {
        let bytes = Secret::new(bytes);
        match text::unwrapped(bytes.expose(), Wrapping::is_intended) {
            None => Self::from_bytes(bytes.expose()),
            Some((inner, wrappings)) => Ok(Self { wrappings, ..Self::from_bytes(inner.expose())? }),
        }
    }

    /// The same, but what Codex cannot read is accepted as it is, with a warning. Nothing is known about such a login,
    /// so the guards take it for one of an unknown account.
    ///
    /// # Errors
    /// [`AuthProblem::Empty`] and [`AuthProblem::TooLarge`].
    pub fn given_unchecked(bytes: impl Into<Vec<u8>>) -> Result<Self, AuthProblem> {
        let bytes = Secret::new(bytes);
        match Self::given(bytes.expose()) {
            Err(why @ (AuthProblem::Empty | AuthProblem::TooLarge { .. })) => Err(why),
            Err(why) => Ok(Self { unchecked: Some(why), ..Self::unchecked(bytes.expose()) }),
            Ok(login) => Ok(login),
        }
    }

    /// A login that is not checked at all. The caller vouches for its shape; the lessons send broken logins this way.
    pub fn unchecked(bytes: impl Into<Vec<u8>>) -> Self {
        let parsed = Parsed::nothing(Form::ChatGpt);
        Self { bytes: Secret::new(bytes), parsed, wrappings: Vec::new(), unchecked: None }
    }

    /// The bytes to send.
    pub fn bytes(&self) -> &Secret {
        &self.bytes
    }

    /// What the login authenticates with, by the rules of Codex.
    pub fn form(&self) -> Form {
        self.parsed.form
    }

    /// Whether the caller sends it although Codex cannot read it.
    pub fn is_unchecked(&self) -> bool {
        self.unchecked.is_some()
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

    /// When the login ended for good, in Unix seconds: its access token has expired, and Codex cannot renew it.
    pub fn ended_at(&self, now: i64) -> Option<i64> {
        self.expires_at().filter(|at| *at <= now && !self.can_renew())
    }

    /// What a person should know about the login before it is sent. `now` is in Unix seconds.
    pub fn warnings(&self, now: i64) -> Vec<Warning> {
        if let Some(why) = &self.unchecked {
            return vec![Warning::Unchecked(why.clone())];
        }
        let chatgpt = self.form() == Form::ChatGpt;
        let expired = self.expires_at().filter(|at| *at <= now);
        let cannot_renew = Warning::CannotRenew { expires_at: self.expires_at(), expired: expired.is_some() };
        let empty = self.parsed.empty_access_token;
        let about = [
            (chatgpt && !self.can_renew(), cannot_renew),
            (self.can_renew() && empty, Warning::RenewsAtOnce(RenewsBecause::EmptyAccessToken)),
            (
                self.can_renew() && !empty && self.last_refresh().is_none(),
                Warning::RenewsAtOnce(RenewsBecause::NeverRefreshed),
            ),
            (self.parsed.unused_tokens, Warning::TokensUnused(self.form())),
            (self.parsed.unused_key, Warning::KeyUnused),
            (self.parsed.masked_key, Warning::Placeholder),
            (matches!(self.form(), Form::BedrockApiKey | Form::BedrockAccessKeys), Warning::NeedsBedrock),
        ];
        let mut warnings: Vec<Warning> = self.wrappings.iter().copied().map(Warning::Unwrapped).collect();
        warnings.extend(about.into_iter().filter_map(|(holds, warning)| holds.then_some(warning)));
        if let (Some(at), Some(refreshed), true) = (expired, self.last_refresh(), self.can_renew()) {
            warnings.push(Warning::Expired { at, refreshed: *refreshed, now });
        }
        warnings
    }
}

fn at(path: &Path, error: &std::io::Error) -> AuthProblem {
    let path = path.to_owned();
    match error.kind() {
        std::io::ErrorKind::NotFound if path.is_symlink() => AuthProblem::BrokenLink { path },
        std::io::ErrorKind::NotFound => {
            let dotted = path.with_file_name(".auth.json");
            match path.ends_with("auth.json") && dotted.is_file() {
                true => AuthProblem::LeadingDot { path, dotted },
                false => AuthProblem::Missing { path },
            }
        }
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
        let read = |name: &str| AuthFile::read(&folder.path().join(name)).unwrap_err();
        assert_eq!(read("none").code(), "auth-missing");
        std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
        assert_eq!(read("link").code(), "auth-broken-link");
        std::fs::write(folder.path().join(".auth.json"), "{}").unwrap();
        assert_eq!(read("auth.json").code(), "auth-leading-dot");
        assert_eq!(read("none").code(), "auth-missing");
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
        assert!(problem.to_string().contains("(it ends too early: line 1"), "{problem}");
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
            let _ = AuthFile::given(bytes.as_slice());
            let _ = crate::auth_json::Existing::read(&bytes);
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
                let shown = match AuthFile::given(text) {
                    Ok(auth) => format!("{auth:?} {:?} {:?}", auth.warnings(0), auth.owner_compared_with(&Chatgpt::new().file())),
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
