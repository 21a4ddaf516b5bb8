//! Invented logins, each with new canaries in its tokens.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use codex_remote_auth::auth_json::Secret;

/// An invented login.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The complete auth.json.
    pub file: Secret,
    /// The access token or the API key, which a cloud accepts or refuses.
    pub credential: Secret,
    /// The refresh token. `None` for an API key.
    pub refresh_token: Option<Secret>,
    /// Each secret in the file, complete, with the name of its field.
    pub secrets: Vec<(&'static str, Secret)>,
    /// A random part of each secret. Finding it shows a leak.
    pub canaries: Vec<Secret>,
}

/// The dates in a ChatGPT login.
#[derive(Debug, Clone, Copy)]
pub struct Claims {
    /// When the access token expires, in Unix seconds.
    pub expires_at: i64,
    /// When it was last refreshed.
    pub last_refresh: SystemTime,
}

/// How many random characters a canary has. They are enough that none appears by chance.
const CANARY_LENGTH: usize = 40;

/// How many characters give a token the length of a real one.
const PADDING: usize = 1_300;

/// A ChatGPT login of the size of a real one, about 4 KB.
pub fn chatgpt(claims: Claims) -> Minted {
    let [id, access, refresh] = [canary(), canary(), canary()];
    let account = "00000000-0000-4000-8000-000000000001";
    let common = json!({
        "aud": ["app_made_up"],
        "email": "nobody@example.invalid",
        "exp": claims.expires_at,
        "https://api.openai.com/auth": {
            "chatgpt_account_id": account,
            "chatgpt_plan_type": "pro",
            "chatgpt_user_id": "user-made-up",
            "organizations": [{"id": "org-made-up", "title": "Personal", "role": "owner"}],
        },
        "scp": ["openid", "profile", "email", "offline_access"],
    });
    let id_token = jwt(&common, &id);
    let access_token = jwt(&common, &access);
    let refresh_token = format!("rt_{refresh}");
    let file = json!({
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": id_token,
            "access_token": access_token,
            "refresh_token": refresh_token,
            "account_id": account,
        },
        "last_refresh": humantime::format_rfc3339_micros(claims.last_refresh).to_string(),
    });
    Minted {
        file: Secret::new(serde_json::to_vec_pretty(&file).unwrap_or_default()),
        credential: Secret::new(access_token.as_str()),
        refresh_token: Some(Secret::new(refresh_token.as_str())),
        secrets: vec![
            ("id_token", Secret::new(id_token)),
            ("access_token", Secret::new(access_token)),
            ("refresh_token", Secret::new(refresh_token)),
        ],
        canaries: [id, access, refresh].map(Secret::new).to_vec(),
    }
}

/// A login with an API key.
pub fn api_key() -> Minted {
    let canary = canary();
    let key = format!("sk-made-up-{canary}");
    let file = json!({ "OPENAI_API_KEY": key });
    Minted {
        file: Secret::new(serde_json::to_vec_pretty(&file).unwrap_or_default()),
        credential: Secret::new(key.as_str()),
        refresh_token: None,
        secrets: vec![("OPENAI_API_KEY", Secret::new(key))],
        canaries: vec![Secret::new(canary)],
    }
}

/// A login of Claude Code with an account, which expires at `expires_at`.
pub fn claude(expires_at: i64) -> Minted {
    let [access, refresh] = [canary(), canary()];
    let access_token = format!("made-up-access-{access}");
    let refresh_token = format!("made-up-refresh-{refresh}");
    let file = json!({ "claudeAiOauth": {
        "accessToken": access_token,
        "refreshToken": refresh_token,
        "expiresAt": expires_at * 1_000,
        "scopes": ["user:inference", "user:profile"],
        "subscriptionType": "max",
    }});
    Minted {
        file: Secret::new(serde_json::to_vec_pretty(&file).unwrap_or_default()),
        credential: Secret::new(access_token.as_str()),
        refresh_token: Some(Secret::new(refresh_token.as_str())),
        secrets: vec![
            ("accessToken", Secret::new(access_token)),
            ("refreshToken", Secret::new(refresh_token)),
        ],
        canaries: [access, refresh].map(Secret::new).to_vec(),
    }
}

/// A token whose signature is the canary and padding to the length of a real one. Nobody verifies it.
fn jwt(claims: &serde_json::Value, canary: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "kid": "made-up", "typ": "JWT"}).to_string());
    let body = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{header}.{body}.{canary}{}", alphanumeric(PADDING))
}

/// Random letters and digits. Finding them in an output shows a leak of the secret that contains them.
pub fn canary() -> String {
    alphanumeric(CANARY_LENGTH)
}

/// Random letters and digits. They differ from any other text, so they need not be evenly distributed.
fn alphanumeric(length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = vec![0_u8; length];
    // A system without random numbers cannot run SSH either. A constant canary would be noticed immediately.
    let _ = getrandom::fill(&mut random);
    random.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use codex_remote_auth::auth_json::{AuthFile, Form};

    const CLAIMS: Claims = Claims { expires_at: 4_102_444_800, last_refresh: SystemTime::UNIX_EPOCH };

    #[test]
    fn a_minted_login_is_valid_and_of_real_size() {
        let minted = chatgpt(CLAIMS);
        let auth = AuthFile::from_bytes(minted.file.expose()).unwrap();
        assert_eq!(auth.form(), Form::ChatGpt);
        assert_eq!(auth.last_refresh().unwrap().to_string(), "1970-01-01T00:00:00Z");
        assert!((3_500..5_000).contains(&minted.file.len()), "{}", minted.file.len());
        let key = AuthFile::from_bytes(api_key().file.expose()).unwrap();
        assert_eq!(key.form(), Form::ApiKey);
    }

    #[test]
    fn no_two_logins_share_a_canary() {
        let (one, other) = (chatgpt(CLAIMS), chatgpt(CLAIMS));
        for canary in &one.canaries {
            assert!(other.canaries.iter().all(|another| another.expose() != canary.expose()));
        }
    }
}
