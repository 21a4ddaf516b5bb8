//! Stub to be replaced.
use super::{Diagnosis, Outcome, Settings};
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification { Verified { provider: String }, NotThisLogin { why: String }, Failed(Diagnosis) }
impl Verification {
    pub fn of(outcome: &Outcome, answer: &str, _settings: Option<&Settings>) -> Self {
        match Diagnosis::of(outcome, Some(answer)) { Diagnosis::Works => Self::Verified { provider: String::new() }, d => Self::Failed(d) }
    }
}
