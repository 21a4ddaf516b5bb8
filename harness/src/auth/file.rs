//! An auth.json as it will be sent: its bytes untouched, its shape checked.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::secret::sha256_hex;
use super::{AuthProblem, LastRefresh, Secret};

/// The largest file that is taken for a login. A ChatGPT login has about 4 KB.
pub const MAX_BYTES: u64 = 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a login authenticates with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// OAuth tokens of a ChatGPT login.
    ChatGpt,
    /// An API key in the field `OPENAI_API_KEY`.
    ApiKey,
}

impl Form {
    /// The form in words, for receipts and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChatGpt => "ChatGPT tokens",
            Self::ApiKey => "API key",
        }
    }
}

/// A validated login. Its bytes are the file's own, so fields that this version does not know survive a copy.
#[derive(Debug, Clone)]
pub struct AuthFile {
    bytes: Secret,
    form: Form,
    last_refresh: Option<LastRefresh>,
    account: Option<Account>,
}

/// Whose login it is, told apart without being shown: its form, and the SHA-256 of the account's identity or of the key; and that
/// of the person, since the members of a workspace share its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    whose: String,
    person: Option<String>,
}

impl Account {
    fn of(form: Form, identity: &str, person: Option<&str>) -> Self {
        let form = match form {
            Form::ChatGpt => "chatgpt",
            Form::ApiKey => "apikey",
        };
        Self {
            whose: format!("{form}:{}", sha256_hex(identity.as_bytes())),
            person: person.map(|person| sha256_hex(person.as_bytes())),
        }
    }

    /// `chatgpt:` or `apikey:`, and 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.whose
    }

    /// 64 hexadecimal digits; `None` where the login does not say so.
    pub fn person(&self) -> Option<&str> {
        self.person.as_deref()
    }

    /// Whether these fingerprints of another login, empty where they are not known, are of another account or person.
    pub fn is_another(&self, whose: &str, person: &str) -> bool {
        let differs = |ours: &str, theirs: &str| !theirs.is_empty() && ours != theirs;
        differs(&self.whose, whose) || self.person().is_some_and(|ours| differs(ours, person))
    }
}

impl AuthFile {
    /// Reads and validates the file at `path`.
    ///
    /// # Errors
    /// Any [`AuthProblem`]; none of them shows what the file holds.
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

    /// Validates a login that is already in memory.
    ///
    /// # Errors
    /// Any [`AuthProblem`] but those of reading a file.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, AuthProblem> {
        let bytes = Secret::new(bytes);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(AuthProblem::TooLarge { bytes: bytes.len() as u64, limit: MAX_BYTES });
        }
        if bytes.expose().starts_with(BYTE_ORDER_MARK) {
            return Err(AuthProblem::ByteOrderMark);
        }
        if bytes.expose().iter().all(u8::is_ascii_whitespace) {
            return Err(AuthProblem::Empty);
        }
        // The parser's own message may quote what it read, so only its position is kept.
        let value: Value = serde_json::from_slice(bytes.expose())
            .map_err(|error| AuthProblem::NotJson { line: error.line(), column: error.column() })?;
        let Value::Object(fields) = &value else {
            return Err(AuthProblem::NotAnObject);
        };
        let form = form_of(fields)?;
        let last_refresh = match present(fields, "last_refresh") {
            None => None,
            Some(Value::String(text)) => LastRefresh::parse(text),
            Some(_) => {
                return Err(AuthProblem::WrongType { field: "last_refresh", expected: "string" });
            }
        };
        let account = identity_of(fields, form)
            .map(|identity| Account::of(form, identity, person_of(fields, form).as_deref()));
        Ok(Self { bytes, form, last_refresh, account })
    }

    /// A login whose shape the caller answers for: nothing is checked. The lessons send broken logins this way.
    pub fn unchecked(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: Secret::new(bytes), form: Form::ChatGpt, last_refresh: None, account: None }
    }

    /// The bytes as they are sent.
    pub fn bytes(&self) -> &Secret {
        &self.bytes
    }

    /// What it authenticates with.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Whose login it is; `None` where it does not say so.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// When Codex last refreshed it; `None` for an API key, and for a moment of unknown form.
    pub fn last_refresh(&self) -> Option<&LastRefresh> {
        self.last_refresh.as_ref()
    }
}

/// A field that is there and not null.
fn present<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

fn form_of(fields: &Map<String, Value>) -> Result<Form, AuthProblem> {
    let has_key = non_empty_string(fields, "OPENAI_API_KEY")?;
    let Some(tokens) = present(fields, "tokens") else {
        return if has_key { Ok(Form::ApiKey) } else { Err(AuthProblem::NoCredential) };
    };
    let Value::Object(tokens) = tokens else {
        return Err(AuthProblem::WrongType { field: "tokens", expected: "object" });
    };
    match non_empty_string(tokens, "access_token")? {
        true => Ok(Form::ChatGpt),
        false if has_key => Ok(Form::ApiKey),
        false => Err(AuthProblem::NoAccessToken),
    }
}

fn identity_of(fields: &Map<String, Value>, form: Form) -> Option<&str> {
    let identity = match form {
        Form::ChatGpt => present(fields, "tokens")?.get("account_id"),
        Form::ApiKey => present(fields, "OPENAI_API_KEY"),
    };
    identity?.as_str().filter(|identity| !identity.is_empty())
}

/// Of the id token's claims, which nobody checks here: they only tell two logins apart.
fn person_of(fields: &Map<String, Value>, form: Form) -> Option<String> {
    if form == Form::ApiKey {
        return None;
    }
    let token = present(fields, "tokens")?.get("id_token")?.as_str()?;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&Zeroizing::new(claims)).ok()?;
    let person = claims["https://api.openai.com/auth"]["chatgpt_user_id"].as_str()?;
    Some(person.to_owned()).filter(|person| !person.is_empty())
}

fn non_empty_string(fields: &Map<String, Value>, name: &'static str) -> Result<bool, AuthProblem> {
    match present(fields, name) {
        None => Ok(false),
        Some(Value::String(text)) => Ok(!text.is_empty()),
        Some(_) => Err(AuthProblem::WrongType { field: name, expected: "string" }),
    }
}

fn at(path: &Path, error: &std::io::Error) -> AuthProblem {
    let path = path.to_owned();
    match error.kind() {
        std::io::ErrorKind::NotFound => AuthProblem::Missing { path },
        _ => AuthProblem::Unreadable { path, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(text: &str) -> AuthProblem {
        AuthFile::from_bytes(text).unwrap_err()
    }

    #[test]
    fn both_forms_of_a_login_are_recognised() {
        let chatgpt =
            r#"{"OPENAI_API_KEY":null,"tokens":{"access_token":"a"},"last_refresh":"2026-01-24T10:00:00Z"}"#;
        let chatgpt = AuthFile::from_bytes(chatgpt).unwrap();
        assert_eq!(chatgpt.form(), Form::ChatGpt);
        assert_eq!(chatgpt.last_refresh().unwrap().to_string(), "2026-01-24T10:00:00Z");
        let key = AuthFile::from_bytes(r#"{"OPENAI_API_KEY":"k"}"#).unwrap();
        assert_eq!(key.form(), Form::ApiKey);
    }

    #[test]
    fn accounts_are_told_apart_without_being_shown() {
        let account = |text: &str| AuthFile::from_bytes(text).unwrap().account().cloned();
        let one = account(r#"{"tokens":{"access_token":"a","account_id":"one"}}"#).unwrap();
        let same =
            account(r#"{"tokens":{"account_id":"one","access_token":"b"},"last_refresh":null}"#).unwrap();
        let key = account(r#"{"OPENAI_API_KEY":"one"}"#).unwrap();
        assert_eq!(one, same);
        assert_ne!(one, key);
        assert!(one.as_str().starts_with("chatgpt:") && one.as_str().len() == 8 + 64);
        assert_eq!(account(r#"{"tokens":{"access_token":"a"}}"#), None);
    }

    #[test]
    fn what_is_no_login_is_refused_by_name() {
        assert_eq!(problem(""), AuthProblem::Empty);
        assert_eq!(problem(" \n"), AuthProblem::Empty);
        assert_eq!(problem("[]"), AuthProblem::NotAnObject);
        assert_eq!(problem("{}"), AuthProblem::NoCredential);
        assert_eq!(problem(r#"{"tokens":null,"OPENAI_API_KEY":""}"#), AuthProblem::NoCredential);
        assert_eq!(problem(r#"{"tokens":{"refresh_token":"r"}}"#), AuthProblem::NoAccessToken);
        assert_eq!(problem("\u{feff}{}"), AuthProblem::ByteOrderMark);
        assert_eq!(problem(r#"{"tokens":7}"#).code(), "auth-wrong-type");
        assert_eq!(problem("{\n\"tokens\": {"), AuthProblem::NotJson { line: 2, column: 11 });
    }

    #[test]
    fn unknown_fields_survive_byte_for_byte() {
        let text = "{ \"new_field\" : [1, 2],\n\t\"OPENAI_API_KEY\":\"k\" }\n";
        assert_eq!(AuthFile::from_bytes(text).unwrap().bytes().expose(), text.as_bytes());
    }

    #[test]
    fn files_that_cannot_be_a_login_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(AuthFile::read(folder.path()).unwrap_err().code(), "auth-not-a-file");
        assert_eq!(AuthFile::read(&folder.path().join("none")).unwrap_err().code(), "auth-missing");
        let large = folder.path().join("large");
        std::fs::write(&large, vec![b' '; MAX_BYTES as usize + 1]).unwrap();
        assert_eq!(AuthFile::read(&large).unwrap_err().code(), "auth-too-large");
    }

    proptest! {
        #[test]
        fn no_input_panics_and_no_problem_shows_it(text in "\\PC{0,80}", marker in "[a-z]{12}") {
            let inputs = [
                text,
                format!("{{\"tokens\":\"{marker}\"}}"),
                format!("{{\"tokens\":{{\"access_token\":[\"{marker}\"]}}}}"),
                format!("{{\"OPENAI_API_KEY\":\"{marker}"),
            ];
            for input in inputs {
                if let Err(problem) = AuthFile::from_bytes(input.as_str()) {
                    let shown = format!("{problem} {problem:?}");
                    prop_assert!(!shown.contains(&marker));
                }
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
