//! Composes the product, the lessons and the test environment into runs: the seven smoke tests, every lesson, every
//! mutant, and the leak scanner.

mod acceptance;
pub mod bench;
mod check;
mod codex_source;
mod comparison;
mod differences;
mod drift;
mod equality;
mod failure;
mod files;
mod interruption;
mod leak_scanner;
mod memory;
mod mutant_verdict;
mod mutants;
mod options;
mod parallel;
mod plan;
mod redactor;
mod runner;
mod scene;
mod smoke_tests;
mod state_diff;
mod step;
mod test_environment;
mod transcript;

pub use crate::target::{ERAS, newest_release};
pub use acceptance::{Acceptance, Accepted, ByHand, accept};
pub use check::{Check, CheckResult, Kind, Status};
pub use codex_source::{ChoiceProblem, Sources, choose, real};
pub use comparison::{Compared, ComparedCell, Comparison, compare};
pub use drift::{Cell, CellStatus, ReleaseDrift, drift, tool_of};
pub use equality::{Difference, Known, differences};
pub use failure::{About, Failure};
pub use leak_scanner::{Leak, LeakScanner};
pub use memory::real_calls_in_memory;
pub use mutant_verdict::MutantVerdict;
pub use mutants::all as all_mutants;
pub use options::RunnerOptions;
pub use redactor::Redactor;
pub use runner::{Batch, Progress, Quiet, RunResult, Runner, catalogue};
pub use smoke_tests::{SMOKE_TESTS, SmokeTest};
pub use state_diff::Observed;
pub use test_environment::{TestEnvironment, TestEnvironmentOptions};
pub use transcript::Transcript;
