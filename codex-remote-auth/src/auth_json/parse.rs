//! Reads the fields of auth.json by the rules of Codex. Codex reads every field that it knows, even those of other
//! forms, and one field that it cannot read makes the complete file unreadable.
//!
//! Measured on 0.163.0, and its source says the same: `auth_mode` decides the form. Without one, an access token takes
//! precedence over Bedrock's keys, those over `OPENAI_API_KEY` (even an empty one), and that over the tokens.

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::account::LoginOwner;
use super::json::{Object, Text};
use super::jwt::{self, AgentClaims, Expiry, IdClaims};
use super::{AuthProblem, Form, LastRefresh, OtherFile, Secret};

/// What is known about a login besides its bytes.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) form: Form,
    pub(super) last_refresh: Option<LastRefresh>,
    pub(super) account: Option<LoginOwner>,
    /// The first letter and the domain of the person's e-mail address.
    pub(super) masked_email: Option<String>,
    /// The workspace of the id token, which a configuration can require.
    pub(super) workspace: Option<Secret>,
    /// When the access token expires, in Unix seconds.
    pub(super) expires_at: Option<i64>,
    pub(super) has_refresh_token: bool,
    /// The access token of a ChatGPT login is empty. Codex accepts that (measured on 0.163.0).
    pub(super) empty_access_token: bool,
    /// There are ChatGPT tokens beside the credential of another form, which Codex uses.
    pub(super) unused_tokens: bool,
    /// There is an API key beside ChatGPT tokens, which Codex uses.
    pub(super) unused_key: bool,
    /// The API key that Codex uses seems to stand for another.
    pub(super) masked_key: bool,
}

impl Parsed {
    /// For a login about which only the form is known.
    pub(super) fn nothing(form: Form) -> Self {
        Self {
            form,
            last_refresh: None,
            account: None,
            masked_email: None,
            workspace: None,
            expires_at: None,
            has_refresh_token: false,
            empty_access_token: false,
            unused_tokens: false,
            unused_key: false,
            masked_key: false,
        }
    }
}

/// The fields that contain a credential, in order of precedence if there is no `auth_mode`.
const BY_PRECEDENCE: [Form; 5] =
    [Form::AccessToken, Form::BedrockApiKey, Form::BedrockAccessKeys, Form::ApiKey, Form::ChatGpt];

/// Every field that this version knows.
const KNOWN: [&str; 8] = [
    "auth_mode",
    "OPENAI_API_KEY",
    "tokens",
    "last_refresh",
    "agent_identity",
    "personal_access_token",
    "bedrock_api_key",
    "bedrock_access_keys",
];

/// The values of `auth_mode` for a login that is in the file. `chatgptAuthTokens` is read as ChatGPT.
const MODES: [(&str, Form); 7] = [
    ("apikey", Form::ApiKey),
    ("chatgpt", Form::ChatGpt),
    ("chatgptAuthTokens", Form::ChatGpt),
    ("agentIdentity", Form::AgentIdentity),
    ("personalAccessToken", Form::AccessToken),
    ("bedrockApiKey", Form::BedrockApiKey),
    ("bedrockAccessKeys", Form::BedrockAccessKeys),
];

/// The content of this file, or why Codex cannot use it.
pub(super) fn parse(file: &Object<'_>) -> Result<Parsed, AuthProblem> {
    if let Some(other) = OtherFile::of_object(file) {
        return Err(AuthProblem::Other(other));
    }
    if let Some(field) = file.repeated(&KNOWN) {
        return Err(AuthProblem::RepeatedField { field });
    }
    let mode = mode(file)?;
    let key = text(file, "OPENAI_API_KEY")?;
    let tokens = file.get("tokens").map(Tokens::read).transpose()?;
    let last_refresh = last_refresh(file)?;
    let access_token = text(file, "personal_access_token")?;

    let is_there = |form: Form| file.get(form.field()).is_some();
    let form = match mode.or_else(|| BY_PRECEDENCE.into_iter().find(|form| is_there(*form))) {
        Some(form) => form,
        None if is_there(Form::AgentIdentity) => Form::ChatGpt,
        None if file.has_more_than(&KNOWN) => return Err(AuthProblem::UnknownCredential),
        None => return Err(AuthProblem::NoCredential),
    };
    let others =
        BY_PRECEDENCE.iter().chain(&[Form::AgentIdentity]).any(|other| *other != form && is_there(*other));
    let value = file.get(form.field()).ok_or(AuthProblem::CredentialMissing { form, others })?;
    if matches!(value.get(), "\"\"" | "{}" | "[]") {
        return Err(AuthProblem::CredentialEmpty { form, others });
    }
    let by = |identity: &str| Some(LoginOwner::of(form, identity, None));
    let account = match (form, &tokens) {
        (Form::ChatGpt, Some(tokens)) if tokens.access.is_empty() && tokens.refresh.is_empty() => {
            return Err(AuthProblem::NoAccessToken);
        }
        (Form::ChatGpt, tokens) => tokens.as_ref().and_then(Tokens::account),
        (Form::ApiKey, _) => key.as_deref().and_then(by),
        (Form::AccessToken, _) => access_token.as_deref().and_then(by),
        (Form::AgentIdentity, _) => by(&agent(value)),
        (Form::BedrockApiKey, _) => by(&part(value, "api_key")),
        (Form::BedrockAccessKeys, _) => by(&part(value, "access_key_id")),
    };
    Ok(Parsed {
        form,
        last_refresh,
        account,
        masked_email: tokens.as_ref().and_then(|tokens| tokens.claims.masked_email()),
        workspace: tokens.as_ref().and_then(|tokens| tokens.claims.account()).map(Secret::new),
        expires_at: tokens.as_ref().and_then(|tokens| jwt::claims::<Expiry>(&tokens.access)?.exp),
        has_refresh_token: tokens.as_ref().is_some_and(|tokens| !tokens.refresh.is_empty()),
        empty_access_token: form == Form::ChatGpt
            && tokens.as_ref().is_some_and(|tokens| tokens.access.is_empty()),
        unused_tokens: tokens.is_some() && form != Form::ChatGpt,
        masked_key: form == Form::ApiKey && key.as_deref().is_some_and(is_placeholder),
        unused_key: form == Form::ChatGpt && key.is_some_and(|key| !key.is_empty()),
    })
}

fn mode(file: &Object<'_>) -> Result<Option<Form>, AuthProblem> {
    let Some(mode) = text(file, "auth_mode")? else { return Ok(None) };
    if &*mode == "headers" {
        return Err(AuthProblem::ModeOfNoFile);
    }
    let known = MODES.iter().find(|(name, _)| *name == &*mode);
    known.map(|(_, form)| Some(*form)).ok_or(AuthProblem::UnknownMode)
}

fn last_refresh(file: &Object<'_>) -> Result<Option<LastRefresh>, AuthProblem> {
    let Some(text) = text(file, "last_refresh")? else { return Ok(None) };
    LastRefresh::parse(&text).map(Some).ok_or(AuthProblem::BadLastRefresh)
}

/// A string; `None` if the field is missing or null.
fn text<'a>(object: &Object<'a>, field: &'static str) -> Result<Option<Text<'a>>, AuthProblem> {
    let Some(value) = object.get(field) else { return Ok(None) };
    match serde_json::from_str(value.get()) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(AuthProblem::WrongType { field, expected: "a string" }),
    }
}

/// The tokens of a ChatGPT login.
struct Tokens<'a> {
    claims: IdClaims,
    access: Text<'a>,
    refresh: Text<'a>,
    account_id: Option<Text<'a>>,
}

impl<'a> Tokens<'a> {
    fn read(value: &'a RawValue) -> Result<Self, AuthProblem> {
        let expected = AuthProblem::WrongType { field: "tokens", expected: "an object" };
        let tokens = Object::of(value).ok_or(expected)?;
        let known = ["id_token", "access_token", "refresh_token", "account_id"];
        if let Some(field) = tokens.repeated(&known) {
            return Err(AuthProblem::RepeatedField { field });
        }
        let access = text(&tokens, "access_token")?.ok_or(AuthProblem::NoAccessToken)?;
        let required = |field| text(&tokens, field)?.ok_or(AuthProblem::TokenMissing { field });
        let claims = jwt::claims(&required("id_token")?).ok_or(AuthProblem::BadIdToken)?;
        let refresh = required("refresh_token")?;
        for (field, token) in [("access_token", &access), ("refresh_token", &refresh)] {
            if is_masked(token) {
                return Err(AuthProblem::MaskedToken { field });
            }
        }
        Ok(Self { claims, access, refresh, account_id: text(&tokens, "account_id")? })
    }

    fn account(&self) -> Option<LoginOwner> {
        let named = self.account_id.as_deref().filter(|id| !id.is_empty());
        let account = named.or_else(|| self.claims.account())?;
        Some(LoginOwner::of(Form::ChatGpt, account, self.claims.person()))
    }
}

/// Whether a token has a character that no token has: a log or a person has put something else in its place.
fn is_masked(token: &str) -> bool {
    token.chars().any(|letter| !letter.is_ascii_graphic() || "*<>${}".contains(letter))
}

/// Whether an API key looks like one of an example. Servers of one's own may accept it.
fn is_placeholder(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    is_masked(key)
        || ["xxxx", "your-", "your_", "redacted", "placeholder", "changeme"]
            .iter()
            .any(|word| lower.contains(word))
}

/// What identifies an agent. The file contains either its token or the record that Codex makes from it.
fn agent(value: &RawValue) -> Zeroizing<String> {
    let token: Option<Text<'_>> = serde_json::from_str(value.get()).ok();
    let claims = match &token {
        Some(token) => jwt::claims::<AgentClaims>(token),
        None => serde_json::from_str(value.get()).ok(),
    };
    Zeroizing::new(match claims {
        Some(claims) => format!("{} {}", claims.account_id, claims.agent_runtime_id),
        None => token.as_deref().unwrap_or(value.get()).to_owned(),
    })
}

/// The part that identifies Bedrock keys; if it is missing, the complete value.
fn part(value: &RawValue, field: &'static str) -> Zeroizing<String> {
    let part = Object::of(value).and_then(|object| text(&object, field).ok()?);
    Zeroizing::new(part.as_deref().unwrap_or(value.get()).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth_json::AuthFile;
    use crate::auth_json::testing::{Chatgpt, jwt, login};

    fn problem(text: &str) -> AuthProblem {
        AuthFile::from_bytes(text).unwrap_err()
    }

    #[test]
    fn the_mode_decides_the_form() {
        let everything = Chatgpt::new()
            .with("OPENAI_API_KEY", "k")
            .with("personal_access_token", "t")
            .with("agent_identity", "a.b.c")
            .with("bedrock_api_key", json!({ "api_key": "k" }))
            .with("bedrock_access_keys", json!({ "access_key_id": "k" }))
            .value();
        for (mode, form) in MODES {
            let mut file = everything.clone();
            file["auth_mode"] = mode.into();
            assert_eq!(login(&file.to_string()).form(), form, "{mode}");
            file.as_object_mut().unwrap().remove(form.field());
            let missing = AuthProblem::CredentialMissing { form, others: true };
            assert_eq!(problem(&file.to_string()), missing, "{mode}");
        }
    }

    #[test]
    fn without_a_mode_the_fields_decide_in_the_order_of_codex() {
        let mut file = Chatgpt::new()
            .with("auth_mode", serde_json::Value::Null)
            .with("OPENAI_API_KEY", "k")
            .with("personal_access_token", "t")
            .with("agent_identity", "a.b.c")
            .with("bedrock_api_key", json!({ "api_key": "k" }))
            .with("bedrock_access_keys", json!({ "access_key_id": "k" }))
            .value();
        for form in BY_PRECEDENCE {
            assert_eq!(login(&file.to_string()).form(), form);
            file[form.field()] = serde_json::Value::Null;
        }
        // Without the mode, Codex does not look at the agent.
        let missing = AuthProblem::CredentialMissing { form: Form::ChatGpt, others: true };
        assert_eq!(problem(&file.to_string()), missing);
    }

    #[test]
    fn a_token_that_a_log_has_masked_is_not_one() {
        for token in ["rt_***", "<refresh token>", "${TOKEN}", "a b", "abc\u{2026}"] {
            for field in ["access_token", "refresh_token"] {
                let masked = problem(&Chatgpt::new().token(field, token).text());
                assert_eq!(masked, AuthProblem::MaskedToken { field }, "{token}");
            }
        }
    }

    #[test]
    fn an_empty_key_goes_before_the_tokens() {
        let empty = |others| AuthProblem::CredentialEmpty { form: Form::ApiKey, others };
        assert_eq!(problem(&Chatgpt::new().with("OPENAI_API_KEY", "").text()), empty(true));
        assert_eq!(problem(r#"{"tokens":null,"OPENAI_API_KEY":""}"#), empty(false));
        assert_eq!(problem("{\"personal_access_token\":\"\"}").code(), "auth-credential-empty");
    }

    #[test]
    fn each_field_that_codex_insists_on_is_named() {
        assert_eq!(problem(&Chatgpt::new().without("access_token").text()), AuthProblem::NoAccessToken);
        let empty = Chatgpt::new().token("access_token", "").token("refresh_token", "");
        assert_eq!(problem(&empty.text()), AuthProblem::NoAccessToken);
        let mut no_id = Chatgpt::new().value();
        no_id["tokens"].as_object_mut().unwrap().remove("id_token");
        assert_eq!(problem(&no_id.to_string()), AuthProblem::TokenMissing { field: "id_token" });
        let no_refresh = Chatgpt::new().without("refresh_token").text();
        assert_eq!(problem(&no_refresh), AuthProblem::TokenMissing { field: "refresh_token" });
        for token in
            [String::new(), "a".to_owned(), "a.b".to_owned(), "a.b.c".to_owned(), jwt(&json!({ "email": 1 }))]
        {
            let text = Chatgpt::new().token("id_token", token.as_str()).text();
            assert_eq!(problem(&text), AuthProblem::BadIdToken, "{token}");
        }
        for field in ["id_token", "access_token", "refresh_token", "account_id"] {
            let expected = "a string";
            assert_eq!(
                problem(&Chatgpt::new().token(field, 7).text()),
                AuthProblem::WrongType { field, expected }
            );
        }
    }

    #[test]
    fn a_field_that_codex_does_not_need_may_be_missing() {
        for text in [
            Chatgpt::new().token("refresh_token", "").text(),
            Chatgpt::new().token("access_token", "").text(),
            Chatgpt::new().without("account_id").text(),
            Chatgpt::new().with("last_refresh", serde_json::Value::Null).text(),
            Chatgpt::new().no_claims().text(),
            Chatgpt::new().with("last_refresh", "2026-01-24T10:00:00.5+02:00").text(),
            Chatgpt::new().text().replace(',', ",\r\n"),
        ] {
            assert_eq!(login(&text).form(), Form::ChatGpt);
        }
    }

    #[test]
    fn a_bad_last_refresh_is_named() {
        for moment in ["", "2026-01-24 10:00:00", "2026-01-24T10:00:00", "2026-01-24", "tomorrow"] {
            let text = Chatgpt::new().with("last_refresh", moment).text();
            assert_eq!(problem(&text), AuthProblem::BadLastRefresh, "{moment}");
        }
        let number = AuthProblem::WrongType { field: "last_refresh", expected: "a string" };
        assert_eq!(problem(&Chatgpt::new().with("last_refresh", 1_769_248_800).text()), number);
    }

    #[test]
    fn every_field_is_read_whatever_the_form() {
        for (more, code) in [
            (r#""tokens":{"access_token":"a"}"#, "auth-token-missing"),
            (r#""tokens":7"#, "auth-wrong-type"),
            (r#""last_refresh":"x""#, "auth-bad-last-refresh"),
            (r#""personal_access_token":{}"#, "auth-wrong-type"),
            (r#""auth_mode":"headers""#, "auth-mode-of-no-file"),
            (r#""auth_mode":"Chatgpt""#, "auth-unknown-mode"),
            (r#""OPENAI_API_KEY":"again""#, "auth-repeated-field"),
            (r#""OPENAI\u005fAPI_KEY":"again""#, "auth-repeated-field"),
            (r#""last_refresh":"\ud800""#, "auth-wrong-type"),
        ] {
            assert_eq!(problem(&format!(r#"{{"OPENAI_API_KEY":"k",{more}}}"#)).code(), code, "{more}");
        }
        assert_eq!(login(r#"{"OPENAI_API_KEY":"k","x":1,"x":"\ud800"}"#).form(), Form::ApiKey);
    }

    #[test]
    fn no_credential_is_distinguished_from_an_unknown_one() {
        assert_eq!(problem("{}"), AuthProblem::NoCredential);
        assert_eq!(problem(r#"{"OPENAI_API_KEY":null,"x":null,"y":""}"#), AuthProblem::NoCredential);
        assert_eq!(problem(r#"{"accessToken":"a"}"#), AuthProblem::UnknownCredential);
    }
}
