//! The lessons as data: the format of the files in `fixtures/lessons/`, and the catalogue of all lessons.

mod answer;
mod catalogue;
mod embedded;
mod expect;
mod explain;
mod field;
mod further_call;
mod given;
mod json_text;
mod known_difference;
mod log_prefix;
mod model;
mod mutant;
mod normalized_output;
#[cfg(test)]
mod pasted_tests;
mod range;
mod sign;
mod statement;

pub use crate::message::{UnknownName, closest, is_glob, named};
pub use catalogue::{Catalogue, CatalogueProblem, Known, Place};
pub use expect::{CloudExpect, Expect, FileExpect, FileIs, WitnessExpect};
pub use explain::Message;
pub use field::Field;
pub use further_call::FurtherCall;
pub use given::{CodexAt, Given, GivenFile, LoginKind, Shell};
pub use known_difference::{Differing, KnownDifference};
pub use model::{Action, DeployStep, Guide, GuideVerdict, Lesson, StdinKind, Step, Tool, Way};
pub use mutant::{Mutant, MutantKind, MutantName};
pub use range::Releases;
pub use sign::{Sign, SignText, Silent};
pub use statement::{Statement, Statements, Worth};
