//! Whether a model provider uses auth.json.

use semver::Version;

use super::settings::Settings;
use crate::auth_json::Form;

/// The provider that Codex uses if none is named. A configuration cannot change its description.
pub const OPENAI: &str = "openai";

/// The only provider that uses Bedrock's keys (measured on 0.163.0).
const BEDROCK: &str = "amazon-bedrock";

/// Codex's built-in providers for models on the same machine, which need no login.
const LOCAL: [&str; 3] = ["ollama", "ollama-chat", "lmstudio"];

/// Up to 0.144, a provider without `requires_openai_auth` was seen to use auth.json; from 0.149 on, it was not.
/// Releases between the two count as unknown.
const LAST_WITHOUT_ASKING: Version = Version::new(0, 144, u64::MAX);

/// How a provider treats auth.json.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginUse {
    /// It sends the login.
    Used,
    /// It does not send the login.
    NotUsed,
    /// Nothing describes this provider, or the answer depends on the release.
    Unknown,
}

impl Settings {
    /// The name of the provider that Codex uses.
    pub fn provider_name(&self) -> &str {
        self.provider.as_ref().map_or(OPENAI, |provider| &provider.value)
    }

    /// Whether a configuration file or Codex itself describes this provider.
    pub(super) fn describes(&self, name: &str) -> bool {
        name == OPENAI || name == BEDROCK || LOCAL.contains(&name) || self.providers.contains_key(name)
    }

    /// Whether the provider with this name sends a login of this form. Without a release, the rules of the newest one
    /// apply.
    pub fn login_use(&self, name: &str, form: Form, release: Option<&Version>) -> LoginUse {
        let for_bedrock = matches!(form, Form::BedrockApiKey | Form::BedrockAccessKeys);
        if name == BEDROCK {
            return if for_bedrock { LoginUse::Used } else { LoginUse::NotUsed };
        }
        if for_bedrock || LOCAL.contains(&name) {
            return LoginUse::NotUsed;
        }
        if name == OPENAI {
            return LoginUse::Used;
        }
        match self.providers.get(name) {
            None => LoginUse::Unknown,
            Some(provider) if provider.env_key.is_some() || provider.own_credential.is_some() => {
                LoginUse::NotUsed
            }
            Some(provider) if provider.requires_openai_auth => LoginUse::Used,
            Some(_) => match release {
                Some(release) if *release <= LAST_WITHOUT_ASKING => LoginUse::Used,
                Some(release) if *release < Version::new(0, 149, 0) => LoginUse::Unknown,
                _ => LoginUse::NotUsed,
            },
        }
    }
}
