//! What a run produced, for people and for programs.

mod acceptance;
mod catalogue;
mod comparison;
pub mod compatibility;
mod drift;
mod failed_check;
mod guide;
mod human;
mod json;
mod layout;
mod skill;
mod snapshot;

pub use acceptance::{acceptance, acceptance_json};
pub use catalogue::{check_list, lesson_list, lesson_list_json, lesson_page};
pub use comparison::{comparison_json, comparison_line, differing};
pub use drift::{drift_json, drift_summary, drifted, matrices, release_line};
pub use failed_check::failures;
pub use guide::{check_statements, statement_list, statement_list_json};
pub use human::{Rows, line, mutant_lines, mutant_summary, summary};
pub use json::{Target, run_json};
pub use skill::{
    ELLIPSIS, FILE, FOR_THE_TEST_CLOUD, LEAKS, SkillProblem, SkillSources, VERIFIED, skill, typed,
};
pub use snapshot::{snapshot_file, snapshot_page};
