//! What a run produced, for people and for programs.

mod catalogue;
mod human;
mod json;

pub use catalogue::{lesson_list, lesson_list_json, lesson_page};
pub use human::{Colours, failures, line, mutant_lines, mutant_summary, summary};
pub use json::{Target, run_json};
