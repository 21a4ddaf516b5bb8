//! Composes product, lessons and rig into runs: the seven smoke tests, every lesson, every mutant, and the gate.

pub mod bench;
mod check;
mod failure;
mod files;
mod gate;
mod lab;
mod mutant_verdict;
mod mutants;
mod plan;
mod redactor;
mod runner;
mod side_by_side;
mod smoke_tests;
mod step;
mod transcript;

pub use check::{Check, CheckResult, Kind, Status};
pub use failure::Failure;
pub use gate::{Gate, Leak};
pub use lab::{Lab, LabOptions};
pub use mutant_verdict::MutantVerdict;
pub use mutants::all as all_mutants;
pub use redactor::Redactor;
pub use runner::{Batch, ERAS, Progress, Quiet, RunResult, Runner, RunnerOptions, catalogue, newest_release};
pub use smoke_tests::{SMOKE_TESTS, SmokeTest};
pub use transcript::Transcript;
