//! What a run produced, and what became of hosts, for people and for programs.

#[cfg(feature = "rig")]
mod acceptance;
#[cfg(feature = "rig")]
mod catalogue;
mod colours;
#[cfg(feature = "rig")]
mod comparison;
#[cfg(feature = "rig")]
pub mod compatibility;
#[cfg(feature = "rig")]
mod drift;
mod examination;
mod explanation;
#[cfg(feature = "rig")]
mod guide;
mod host_entry;
#[cfg(feature = "rig")]
mod human;
#[cfg(feature = "rig")]
mod json;
mod login;
mod proof;
mod receipts;
mod shown;
mod words;

#[cfg(feature = "rig")]
pub use acceptance::{acceptance, acceptance_json};
#[cfg(feature = "rig")]
pub use catalogue::{lesson_list, lesson_list_json, lesson_page};
pub use colours::Colours;
#[cfg(feature = "rig")]
pub use comparison::{comparison_json, comparison_line, differing};
#[cfg(feature = "rig")]
pub use drift::{drift_json, drift_summary, drifted, matrices, release_line};
pub use examination::{Caller, examination_json, examination_text};
pub use explanation::{explanation_json, explanation_list, explanation_list_json, explanation_text};
#[cfg(feature = "rig")]
pub use guide::{check_statements, statement_list, statement_list_json};
#[cfg(feature = "rig")]
pub use human::{failures, line, mutant_lines, mutant_summary, summary};
#[cfg(feature = "rig")]
pub use json::{Target, run_json};
pub use login::{login_json, login_text};
pub use receipts::{receipt_json, receipt_text, rollback_json, rollback_text};
pub use shown::{shown, shown_json};
