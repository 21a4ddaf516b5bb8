//! Logins for the unit tests, created anew for each test.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::AuthFile;

/// The login with this text.
pub(crate) fn login(text: &str) -> AuthFile {
    AuthFile::from_bytes(text).unwrap_or_else(|problem| panic!("{problem}"))
}

/// A token with these claims and a random signature.
pub(crate) fn jwt(claims: &Value) -> String {
    let mut signature = [0_u8; 16];
    getrandom::fill(&mut signature).unwrap();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{}.{}.{}", part(br#"{"alg":"none"}"#), part(claims.to_string().as_bytes()), part(&signature))
}

/// The login of an agent, given as its token.
pub(crate) fn agent(runtime: &str, account: &str) -> AuthFile {
    let token = jwt(&json!({ "agent_runtime_id": runtime, "account_id": account }));
    login(&json!({ "auth_mode": "agentIdentity", "agent_identity": token }).to_string())
}

/// A ChatGPT login that Codex can read. Tests change it.
pub(crate) struct Chatgpt {
    account: &'static str,
    person: &'static str,
    claims: bool,
    value: Value,
}

impl Chatgpt {
    pub(crate) fn new() -> Self {
        let value = json!({
            "OPENAI_API_KEY": null,
            "tokens": { "access_token": jwt(&json!({ "exp": 4_102_444_800_i64 })), "refresh_token": jwt(&json!({})) },
            "last_refresh": "2026-01-24T10:00:00Z",
        });
        Self { account: "account", person: "person", claims: true, value }.account("account")
    }

    pub(crate) fn account(mut self, account: &'static str) -> Self {
        self.account = account;
        self.value["tokens"]["account_id"] = account.into();
        self
    }

    pub(crate) fn person(mut self, person: &'static str) -> Self {
        self.person = person;
        self
    }

    /// Leaves the id token without claims.
    pub(crate) fn no_claims(mut self) -> Self {
        self.claims = false;
        self
    }

    /// Removes this field of the tokens.
    pub(crate) fn without(mut self, field: &str) -> Self {
        self.value["tokens"].as_object_mut().unwrap().remove(field);
        self
    }

    /// Sets this field of the file.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.value[field] = value.into();
        self
    }

    /// Sets this field of the tokens.
    pub(crate) fn token(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.value["tokens"][field] = value.into();
        self
    }

    pub(crate) fn value(&self) -> Value {
        let claims = match self.claims {
            true => json!({
                "email": "nobody@example.invalid",
                "https://api.openai.com/auth": { "chatgpt_account_id": self.account, "chatgpt_user_id": self.person },
            }),
            false => json!({}),
        };
        let mut value = self.value.clone();
        if value["tokens"].get("id_token").is_none() {
            value["tokens"]["id_token"] = jwt(&claims).into();
        }
        value
    }

    pub(crate) fn text(&self) -> String {
        self.value().to_string()
    }

    pub(crate) fn file(&self) -> AuthFile {
        login(&self.text())
    }
}
