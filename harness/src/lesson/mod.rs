//! The lessons as data: what a file in `fixtures/lessons/` may say, and the catalogue of all of them.

mod catalogue;
mod expect;
mod given;
mod model;
mod mutant;
mod range;

pub use catalogue::{Catalogue, CatalogueProblem};
pub use expect::{Expect, FileExpect, FileIs, WitnessExpect};
pub use given::{CodexAt, Given, GivenFile, LoginKind, Shell};
pub use model::{Action, DeployStep, Guide, Lesson, StdinKind, Step, Verdict, Way};
pub use mutant::{MutantKind, MutantName};
pub use range::Releases;
