//! What a person should know about a login that Codex accepts.

use std::fmt;

use super::freshness::minute_of;
use super::{AuthProblem, Form, LastRefresh, Wrapping};

/// A warning about a login.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Codex cannot read the file, and the caller wants to send it all the same.
    Unchecked(AuthProblem),
    /// The login was taken out of this.
    Unwrapped(Wrapping),
    /// The refresh token is empty: the login ends when its access token expires.
    CannotRenew {
        /// When the access token expires, in Unix seconds; `None` if it does not say.
        expires_at: Option<i64>,
        /// Whether it has expired.
        expired: bool,
    },
    /// The access token has expired, so the first call of Codex renews the login.
    Expired {
        /// When it expired, in Unix seconds.
        at: i64,
        /// When Codex last renewed the login.
        refreshed: LastRefresh,
        /// The time of this warning, in Unix seconds.
        now: i64,
    },
    /// Codex renews the tokens on its first call. Every other copy then stops working.
    RenewsAtOnce(RenewsBecause),
    /// The file has ChatGPT tokens, but Codex uses another credential in the file instead.
    TokensUnused(Form),
    /// The file has an API key, but Codex uses the ChatGPT tokens instead.
    KeyUnused,
    /// The API key looks like one of an example, or like one that a log has masked.
    Placeholder,
    /// The login is for Amazon Bedrock, which Codex uses only if its configuration says so.
    NeedsBedrock,
}

/// Why Codex renews a login on its first call although it has not expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenewsBecause {
    /// There is no `last_refresh`.
    NeverRefreshed,
    /// The access token is empty.
    EmptyAccessToken,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchecked(why) => write!(f, "{why}; it is sent unchanged (--unchecked)"),
            Self::Unwrapped(how) => write!(f, "the login was given as {how}; it is sent decoded"),
            Self::CannotRenew { expires_at, expired } => {
                let at = expires_at.and_then(minute_of);
                let when = at.map_or_else(String::new, |at| format!(" ({at})"));
                let ends = if *expired { "it ended when its access token expired" } else { "it ends when its access token expires" };
                write!(f, "the refresh token of this login is empty: Codex cannot renew it, and {ends}{when}")
            }
            Self::Expired { at, refreshed, now } => {
                f.write_str("the access token of this login expired")?;
                if let Some(at) = minute_of(*at) {
                    write!(f, " ({at})")?;
                }
                f.write_str(": the first call of Codex renews it, and its other copies stop working")?;
                if refreshed.is_long_ago(*now) {
                    let refreshed = refreshed.to_minute();
                    write!(f, "; it was last renewed {refreshed}, so its refresh token may have expired too")?;
                }
                Ok(())
            }
            Self::RenewsAtOnce(why) => {
                let why = match why {
                    RenewsBecause::NeverRefreshed => "this login has no `last_refresh`",
                    RenewsBecause::EmptyAccessToken => "the access token of this login is empty",
                };
                write!(f, "{why}: the first call of Codex renews it, and its other copies stop working")
            }
            Self::NeedsBedrock => {
                f.write_str("Codex uses this login only with model_provider = \"amazon-bedrock\" in its configuration")
            }
            Self::TokensUnused(form) => {
                write!(f, "Codex uses the {} of this login and not its ChatGPT tokens", form.as_str())?;
                if *form == Form::ApiKey {
                    f.write_str(": each call is billed to that key")?;
                }
                Ok(())
            }
            Self::Placeholder => f.write_str(
                "the API key of this login looks like a placeholder or a masked key, which OpenAI does not accept",
            ),
            Self::KeyUnused => f.write_str(
                "Codex uses the ChatGPT tokens of this login and not its API key: calls count for the ChatGPT plan",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth_json::testing::{Chatgpt, jwt, login};

    /// 2026-11-27 10:00 UTC.
    const NOW: i64 = 1_795_773_600;

    fn warnings(login: Chatgpt) -> Vec<Warning> {
        login.file().warnings(NOW)
    }

    fn expires(at: i64) -> Chatgpt {
        Chatgpt::new().token("access_token", jwt(&serde_json::json!({ "exp": at })))
    }

    #[test]
    fn each_warning_appears_only_when_it_applies() {
        assert_eq!(warnings(Chatgpt::new()), []);
        let never = Chatgpt::new().with("last_refresh", serde_json::Value::Null);
        assert_eq!(warnings(never), [Warning::RenewsAtOnce(RenewsBecause::NeverRefreshed)]);
        let empty = warnings(Chatgpt::new().token("access_token", ""));
        assert_eq!(empty, [Warning::RenewsAtOnce(RenewsBecause::EmptyAccessToken)]);
        let both = || Chatgpt::new().with("OPENAI_API_KEY", "k");
        assert_eq!(warnings(both()), [Warning::TokensUnused(Form::ApiKey)]);
        assert_eq!(warnings(both().with("auth_mode", "chatgpt")), [Warning::KeyUnused]);
        assert_eq!(login(r#"{"OPENAI_API_KEY":"k"}"#).warnings(NOW), []);
        for (key, is_one) in [
            ("sk-xxxxxxxx", true),
            ("<your key>", true),
            ("YOUR_API_KEY", true),
            ("${OPENAI_API_KEY}", true),
            ("sk-pr***ij", true),
            ("sk-proj-made-up", false),
        ] {
            let placeholder = login(&serde_json::json!({ "OPENAI_API_KEY": key }).to_string());
            assert_eq!(placeholder.warnings(NOW) == [Warning::Placeholder], is_one, "{key}");
        }
        let bedrock = login(r#"{"bedrock_access_keys":{"access_key_id":"k"}}"#);
        assert_eq!(bedrock.warnings(NOW), [Warning::NeedsBedrock]);
        assert_eq!(warnings(expires(NOW + 1)), []);
        assert!(matches!(warnings(expires(NOW))[..], [Warning::Expired { at: NOW, now: NOW, .. }]));
    }

    #[test]
    fn a_login_that_cannot_renew_itself_says_when_it_ends() {
        let says = |at: i64| {
            let all = warnings(expires(at).token("refresh_token", ""));
            let [warning] = &all[..] else { panic!("{all:?}") };
            warning.to_string()
        };
        assert!(says(NOW + 60).ends_with("it ends when its access token expires (2026-11-27 10:01 UTC)"));
        assert!(says(NOW - 60).ends_with("it ended when its access token expired (2026-11-27 09:59 UTC)"));
        assert!(says(i64::MAX).ends_with("expires"), "a date that cannot be written");
    }

    #[test]
    fn an_expired_token_with_an_old_refresh_may_not_renew() {
        let says =
            |refreshed: &str| warnings(expires(NOW - 60).with("last_refresh", refreshed))[0].to_string();
        let recent = says("2026-11-10T10:00:00Z");
        assert!(
            recent.contains("expired (2026-11-27 09:59 UTC): the first call of Codex renews it"),
            "{recent}"
        );
        assert!(!recent.contains("too"), "{recent}");
        let old = says("2026-01-24T10:00:00Z");
        assert!(
            old.ends_with("last renewed 2026-01-24 10:00 UTC, so its refresh token may have expired too"),
            "{old}"
        );
    }

    #[test]
    fn the_owner_of_the_key_is_told_who_pays() {
        assert!(Warning::TokensUnused(Form::ApiKey).to_string().ends_with("billed to that key"));
        assert!(!Warning::TokensUnused(Form::AccessToken).to_string().contains("billed"));
        assert!(Warning::KeyUnused.to_string().ends_with("the ChatGPT plan"));
    }
}
