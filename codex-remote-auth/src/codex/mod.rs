//! How to call codex on a host, what its configuration does to a login, and what its output means.

mod cannot_start;
mod command;
mod diagnosis;
mod effects;
mod environment;
mod form_support;
mod found;
mod interpreter;
mod layers;
mod login_use;
mod outcome;
mod provider;
mod release;
mod setting;
mod settings;
mod verification;
mod wrapper;

pub use crate::message::quote;
pub use cannot_start::{CannotStart, FileKind};
pub use command::CodexCommand;
pub use diagnosis::Diagnosis;
pub use effects::{Effect, EffectKind};
pub use environment::{Environment, NamedFile, Place, Variable};
pub use form_support::{depends_on_the_release, too_old_for};
pub use found::{FoundBy, FoundCodex, NearMiss};
pub use interpreter::NoInterpreter;
pub use login_use::{LoginUse, OPENAI};
pub use outcome::Outcome;
pub use provider::Provider;
pub use release::release_in;
pub use setting::{ConfigFile, Found, Layer, Setting, SettingsFault, SettingsProblem};
pub use settings::{LoginMethod, Settings, Store, variables_that_replace_the_login};
pub use verification::{NotThisLogin, Verification};
pub use wrapper::{Sets, Wrapper};
