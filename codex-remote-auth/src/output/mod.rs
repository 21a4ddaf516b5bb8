//! Prints the results for hosts and the content of lessons, for people and as JSON.

mod colours;
mod examination;
mod examinations;
mod explanation;
mod failure;
mod host_entry;
mod lesson_page;
mod login;
mod proof;
mod recap;
mod receipts;
mod shown;
pub mod words;
mod wrapped;

pub use colours::{Colours, Style};
pub use examination::{examination_json, examination_line, examination_text};
pub use examinations::examinations_text;
pub use explanation::{
    explanation_json, explanation_text, lesson_list, lesson_list_json, lesson_pages, lessons_json,
};
pub use failure::{failure_json, failure_lines, hint_lines, hints_json};
pub use login::{login_json, login_text};
pub use recap::{Group, group_of, recap};
pub use receipts::{receipt_json, receipt_text, rollback_json, rollback_text};
pub use shown::{shown, shown_json};
pub use wrapped::fitted;
