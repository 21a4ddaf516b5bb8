//! What the configuration on the host would do to a login.

use super::{Force, Look, Refusal};
use crate::auth::AuthFile;
use crate::codex::{Settings, SettingsProblem};

impl Look {
    /// The settings that decide whether auth.json is used.
    pub fn settings(&self) -> Result<Settings, SettingsProblem> {
        Ok(Settings)
    }

    pub(crate) fn check_settings(&self, _auth: &AuthFile, _force: &Force) -> Result<Settings, Refusal> {
        Ok(Settings)
    }

    pub(crate) fn check_settings_for_a_login(&self) -> Result<Settings, Refusal> {
        Ok(Settings)
    }
}
