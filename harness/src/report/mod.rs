//! What a run produced, for people and for programs.

mod acceptance;
mod case;
mod case_script;
mod catalogue;
mod comparison;
pub mod compatibility;
mod drift;
mod failed_check;
mod github;
mod guide;
mod html;
mod human;
mod json;
mod junit;
mod layout;
mod outcome;
mod place;
mod skill;
mod snapshot;
mod stopped;

pub use acceptance::{acceptance, acceptance_json};
pub use case::{case_lines, shown};
pub use case_script::case_script;
pub use catalogue::{check_list, lesson_list, lesson_list_json, lesson_page};
pub use comparison::{comparison_json, comparison_line, differing};
pub use drift::{drift_json, drift_summary, drifted, matrices, release_line};
pub use failed_check::failures;
pub use github::{annotations, job_summary};
pub use guide::{check_statements, statement_list, statement_list_json};
pub use html::html;
pub use human::{Rows, line, mutant_lines, mutant_summary, summary, timings};
pub use json::{Target, run_json};
pub use junit::junit;
pub use outcome::{End, Outcome, Planned, Row, Subject, Suite};
pub use skill::{
    ELLIPSIS, FILE, FOR_THE_TEST_CLOUD, LEAKS, SkillProblem, SkillSources, VERIFIED, skill, typed,
};
pub use snapshot::{snapshot_file, snapshot_page};
pub use stopped::{stopped_drift_json, stopped_run_json};
