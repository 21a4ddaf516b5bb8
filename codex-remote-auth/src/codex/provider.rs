//! What a configuration says about a model provider.

use toml::de::DeValue;

use super::layers::{At, Layers};
use super::setting::{Setting, SettingsProblem};

/// What `[model_providers.NAME]` says about logins. It contains no address and no key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provider {
    /// `requires_openai_auth = true`
    pub requires_openai_auth: bool,
    /// `env_key`: the variable whose key is used instead of auth.json.
    pub env_key: Option<Setting<String>>,
    /// Another setting that gives the provider its own credential, such as `auth` or `experimental_bearer_token`.
    pub own_credential: Option<Setting<&'static str>>,
    /// Whether it has a `base_url`.
    pub has_base_url: bool,
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
