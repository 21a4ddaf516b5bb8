//! How a remote codex is called, what its configuration does to a login, and what its output means.

mod command;
mod diagnosis;
mod effects;
mod found;
mod layers;
mod outcome;
mod provider;
mod release;
mod settings;
mod verification;

pub use command::{CodexCommand, quote};
pub use diagnosis::Diagnosis;
pub use effects::{Effect, EffectKind};
pub use found::{FoundBy, FoundCodex};
pub use outcome::Outcome;
pub use provider::{LoginUse, OPENAI, Provider};
pub use release::release_in;
pub use settings::{
    ConfigFile, Found, Layer, LoginMethod, Setting, Settings, SettingsFault, SettingsProblem, Store,
    variables_that_replace_the_login,
};
pub use verification::{NotThisLogin, Verification};
