//! Whether a lesson noticed a deliberate defect.

use super::check::{Check, CheckResult, Status};

/// Whether a lesson failed under one of its mutants, in any era that it applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutantVerdict {
    /// The lesson.
    pub lesson: String,
    /// The mutant.
    pub mutant: String,
    /// Whether the lesson failed under it, as it has to.
    pub killed: bool,
    /// The first expectation that was not met, with the release that it was met on otherwise.
    pub evidence: String,
}

/// Gathers the eras of each mutant into one verdict.
pub(super) fn verdicts<'c>(
    checks: impl Iterator<Item = (&'c Check<'c>, &'c CheckResult)>,
) -> Vec<MutantVerdict> {
    let mut verdicts: Vec<MutantVerdict> = Vec::new();
    for (check, result) in checks {
        let Some(mutant) = check.mutant.map(ToString::to_string) else { continue };
        let known = verdicts.iter().position(|known| known.lesson == result.id && known.mutant == mutant);
        let at = known.unwrap_or_else(|| {
            let lesson = result.id.clone();
            verdicts.push(MutantVerdict { lesson, mutant, killed: false, evidence: String::new() });
            verdicts.len() - 1
        });
        let verdict = &mut verdicts[at];
        verdict.killed |= result.ran && result.status == Status::Fail;
        if let (true, Some(failure)) = (verdict.evidence.is_empty(), result.failures.first()) {
            verdict.evidence = format!("{}: {}", check.release, failure.expected);
        }
    }
    verdicts
}
