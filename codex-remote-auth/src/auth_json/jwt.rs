//! Reads the claims of a token. Neither this program nor Codex checks the signature here: the claims only distinguish
//! logins.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// What an id token says about its owner. The types are those that Codex requires: it cannot read a token with others.
#[derive(Deserialize)]
pub(super) struct IdClaims {
    #[serde(default)]
    email: Option<String>,
    #[serde(default, rename = "https://api.openai.com/profile")]
    profile: Option<Profile>,
    #[serde(default, rename = "https://api.openai.com/auth")]
    auth: Option<AuthClaims>,
}

#[derive(Deserialize)]
struct Profile {
    #[serde(default)]
    email: Option<String>,
}

#[derive(Deserialize)]
struct AuthClaims {
    #[serde(default)]
    chatgpt_account_id: Option<String>,
    #[serde(default)]
    chatgpt_user_id: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
}

impl IdClaims {
    /// The first letter and the domain of the person's e-mail address, as in `j…@example.com`, and never more of it.
    pub(super) fn masked_email(&self) -> Option<String> {
        let own = self.email.as_ref();
        let email = own.or_else(|| self.profile.as_ref()?.email.as_ref())?;
        let (local, domain) = email.rsplit_once('@')?;
        let first = local.chars().next()?;
        (!domain.is_empty()).then(|| format!("{first}…@{domain}"))
    }

    /// The ChatGPT account. A Codex configuration calls it the workspace.
    pub(super) fn account(&self) -> Option<&str> {
        self.auth.as_ref()?.chatgpt_account_id.as_deref().filter(|id| !id.is_empty())
    }

    /// The person, because the members of a workspace share one account.
    pub(super) fn person(&self) -> Option<&str> {
        let auth = self.auth.as_ref()?;
        auth.chatgpt_user_id.as_deref().or(auth.user_id.as_deref()).filter(|id| !id.is_empty())
    }
}

/// When an access token expires.
#[derive(Deserialize)]
pub(super) struct Expiry {
    /// Unix seconds.
    #[serde(default)]
    pub(super) exp: Option<i64>,
}

/// What identifies an agent.
#[derive(Deserialize)]
pub(super) struct AgentClaims {
    pub(super) agent_runtime_id: String,
    pub(super) account_id: String,
}

/// The claims in the middle part of `header.payload.signature`; `None` if the token does not have this form.
pub(super) fn claims<T: DeserializeOwned>(token: &str) -> Option<T> {
    let mut parts = token.split('.');
    let [header, payload, signature] = [parts.next()?, parts.next()?, parts.next()?];
    if header.is_empty() || signature.is_empty() {
        return None;
    }
    let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?);
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth_json::testing::jwt;

    #[test]
    fn a_token_has_three_parts_with_something_in_each() {
        let whole = jwt(&json!({ "exp": 7 }));
        assert_eq!(claims::<Expiry>(&whole).and_then(|claims| claims.exp), Some(7));
        assert!(claims::<Expiry>(&format!("{whole}.more")).is_some(), "Codex does not count further parts");
        let [header, payload, signature] = whole.split('.').collect::<Vec<_>>()[..] else {
            panic!("{whole}")
        };
        for bad in [
            payload.to_owned(),
            format!("{header}.{payload}"),
            format!("{header}.{payload}."),
            format!(".{payload}.{signature}"),
            format!("{header}..{signature}"),
            format!("{header}.{payload}=.{signature}"),
        ] {
            assert!(claims::<Expiry>(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn of_an_email_address_only_the_first_letter_and_the_domain_are_shown() {
        let masked =
            |claims_of: serde_json::Value| claims::<IdClaims>(&jwt(&claims_of)).unwrap().masked_email();
        assert_eq!(masked(json!({ "email": "jane.doe@example.com" })).as_deref(), Some("j…@example.com"));
        assert_eq!(masked(json!({ "email": "\"a@b\"@example.com" })).as_deref(), Some("\"…@example.com"));
        let profile = json!({ "https://api.openai.com/profile": { "email": "x@example.org" } });
        assert_eq!(masked(profile).as_deref(), Some("x…@example.org"));
        for none in ["", "@example.com", "jane", "jane@"] {
            assert_eq!(masked(json!({ "email": none })), None, "{none}");
        }
    }

    #[test]
    fn chatgpt_user_id_takes_precedence_over_user_id() {
        let person = |auth: serde_json::Value| {
            let claims: IdClaims = claims(&jwt(&json!({ "https://api.openai.com/auth": auth }))).unwrap();
            claims.person().map(str::to_owned)
        };
        assert_eq!(person(json!({ "user_id": "a" })).as_deref(), Some("a"));
        assert_eq!(person(json!({ "user_id": "a", "chatgpt_user_id": "b" })).as_deref(), Some("b"));
        assert_eq!(person(json!({ "user_id": "" })), None);
    }
}
