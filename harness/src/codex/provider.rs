//! Which login a model provider uses.

use semver::Version;
use toml::de::DeValue;

use super::layers::{At, Layers};
use super::settings::{Setting, Settings, SettingsProblem};
use crate::auth::Form;

/// Where Codex asks if no provider is named. Its description cannot be changed by a configuration.
pub const OPENAI: &str = "openai";

/// The provider that uses Bedrock's keys, and the only one that does (measured on 0.163.0).
const BEDROCK: &str = "amazon-bedrock";

/// Providers of Codex's own that ask a model on the same machine, without a login.
const LOCAL: [&str; 3] = ["ollama", "ollama-chat", "lmstudio"];

/// The first release in which a provider without `requires_openai_auth` was not seen to use auth.json is 0.149; up to
/// 0.144 it was seen to.
const LAST_WITHOUT_ASKING: Version = Version::new(0, 144, u64::MAX);

/// What `[model_providers.NAME]` says of logins. It holds no address and no key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provider {
    /// `requires_openai_auth = true`
    pub requires_openai_auth: bool,
    /// `env_key`: the variable whose key is used and not auth.json.
    pub env_key: Option<Setting<String>>,
    /// Another setting by which it gets a credential of its own, such as `auth` or `experimental_bearer_token`.
    pub own_credential: Option<Setting<&'static str>>,
    /// Whether it has a `base_url`.
    pub has_base_url: bool,
}

/// How a provider treats auth.json.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginUse {
    /// It sends the login.
    Used,
    /// It does not.
    NotUsed,
    /// Nothing describes this provider, or it depends on the release.
    Unknown,
}

impl Provider {
    pub(super) fn read(layers: &Layers<'_>, name: &str, problems: &mut Vec<SettingsProblem>) -> Self {
        let at = |key: &'static str| layers.get(&["model_providers", name, key]);
        let requires_openai_auth = match at("requires_openai_auth").map(|at: At<'_>| (at.value.as_bool(), at))
        {
            None => false,
            Some((Some(value), _)) => value,
            Some((None, at)) => {
                problems.push(at.unknown_value("requires_openai_auth"));
                false
            }
        };
        let own = ["experimental_bearer_token", "auth", "aws"];
        Self {
            requires_openai_auth,
            env_key: layers.text(&["model_providers", name, "env_key"], "env_key", problems),
            own_credential: own.into_iter().find_map(|key| Some(at(key)?.setting(key))),
            has_base_url: at("base_url").is_some_and(|at| matches!(at.value, DeValue::String(_))),
        }
    }
}

impl Settings {
    /// The name of the provider that Codex asks.
    pub fn provider_name(&self) -> &str {
        self.provider.as_ref().map_or(OPENAI, |provider| &provider.value)
    }

    /// Whether anything describes this provider: a configuration file, or Codex itself.
    pub(super) fn describes(&self, name: &str) -> bool {
        name == OPENAI || name == BEDROCK || LOCAL.contains(&name) || self.providers.contains_key(name)
    }

    /// Whether the provider of this name sends a login of this form. Without a release, the newest rules count.
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
