//! What the configuration on a host would do to a login.

use super::{Force, Guard, Kind, Look, Refusal, RemoteFile};
use crate::auth_json::{AuthFile, Form};
use crate::codex::{ConfigFile, Effect, EffectKind, Found, Layer, Settings};

impl Look {
    /// The settings that decide whether codex uses or deletes auth.json. A file that exists but was not read is one of
    /// their problems.
    pub fn settings(&self) -> Settings {
        let account = format!("{}/config.toml", self.codex_home);
        let file = |layer, path, file| ConfigFile { layer, path, found: found(file) };
        Settings::read(&[
            file(Layer::System, "/etc/codex/config.toml", &self.system_config),
            file(Layer::Account, &account, &self.config),
            file(Layer::Managed, "/etc/codex/managed_config.toml", &self.managed_config),
        ])
    }

    /// Whether the configuration accepts this login.
    ///
    /// # Errors
    /// A [`Refusal`] if the configuration deletes or ignores the login, or if that cannot be determined.
    pub(crate) fn check_settings(&self, auth: &AuthFile, force: &Force) -> Result<Settings, Refusal> {
        self.check_files(force)?;
        let settings = self.settings();
        if let Some(problem) = settings.problems.first().filter(|_| !force.has(Guard::UnknownSettings)) {
            return Err(Refusal::UnknownSettings { why: problem.to_string() });
        }
        let effects = settings.effects_on(auth);
        let stops =
            effects.iter().find(|effect| matches!(effect.kind, EffectKind::Deletes | EffectKind::Ignores));
        match stops.filter(|_| !force.has(Guard::Settings)) {
            Some(effect) => Err(refusal(effect, auth.form())),
            None => Ok(settings),
        }
    }
}

fn found(file: &RemoteFile) -> Found<'_> {
    match file {
        RemoteFile::Absent => Found::Absent,
        RemoteFile::There { bytes: Some(bytes), .. } => Found::Bytes(bytes.expose()),
        RemoteFile::There { bytes: None, .. }
            if file.followed().is_some_and(|facts| facts.kind != Kind::File) =>
        {
            Found::Unreadable("it is not a file")
        }
        RemoteFile::There { bytes: None, .. } => {
            Found::Unreadable("the account cannot read it, or it is larger than 1 MiB")
        }
    }
}

fn refusal(effect: &Effect, form: Form) -> Refusal {
    let (lesson, hint, code) = match effect.setting.as_str() {
        "forced_login_method" => (
            Some("forced-login-method"),
            "deploy the form of login that it asks for, or change it on the host",
            "login-form-is-forced",
        ),
        "forced_chatgpt_workspace_id" => {
            (None, "deploy a login of that workspace, or change it on the host", "workspace-is-forced")
        }
        "cli_auth_credentials_store" => {
            (Some("keyring-store"), "set it to \"file\" on the host", "store-is-not-the-file")
        }
        _ if matches!(form, Form::BedrockApiKey | Form::BedrockAccessKeys) => (
            None,
            "set model_provider = \"amazon-bedrock\" in config.toml on the host",
            "provider-ignores-login",
        ),
        _ => (
            None,
            "choose a provider with requires_openai_auth = true and without env_key on the host",
            "provider-ignores-login",
        ),
    };
    let setting = format!("{} = {}", effect.setting, effect.value);
    let place = effect.place();
    match effect.kind {
        EffectKind::Deletes => Refusal::WouldBeDeleted { setting, place, lesson, hint, code },
        _ => Refusal::WouldBeIgnored { setting, place, lesson, hint, code },
    }
}
