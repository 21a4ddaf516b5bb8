//! Prints the results for hosts and the content of lessons, for people and as JSON.

mod colours;
mod examination;
mod explanation;
mod host_entry;
mod login;
mod proof;
mod receipts;
mod shown;
pub mod words;

pub use colours::Colours;
pub use examination::{Caller, examination_json, examination_text};
pub use explanation::{explanation_json, explanation_list, explanation_list_json, explanation_text};
pub use login::{login_json, login_text};
pub use receipts::{receipt_json, receipt_text, rollback_json, rollback_text};
pub use shown::{shown, shown_json};
