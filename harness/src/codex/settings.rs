//! Stub to be replaced.
use crate::auth::AuthFile;
pub const REPLACING_VARIABLES: [&str; 2] = ["CODEX_API_KEY", "CODEX_ACCESS_TOKEN"];
#[derive(Debug, Clone)]
pub struct Settings;
#[derive(Debug, Clone)]
pub struct SettingsProblem;

impl Settings { pub fn may_ignore(&self, _l: &AuthFile) -> bool { false } }
