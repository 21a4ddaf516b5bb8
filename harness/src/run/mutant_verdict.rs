//! Whether a check noticed a deliberate defect.

use super::check::{Check, CheckResult, Status};
use super::failure::Failure;

/// Whether a check failed as required under one of its mutants, in any era that it applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutantVerdict {
    /// The lesson or smoke test.
    pub lesson: String,
    /// The mutant.
    pub mutant: String,
    /// Whether the mutant's step and field failed under it, and pass without it.
    pub killed: bool,
    /// What was seen: the failure that killed the mutant, or what happened instead.
    pub evidence: String,
}

const HELD: &str = "the check held although this was broken: it expects too little";

/// Combines the eras of each mutant into one verdict. If a check without a mutant fails, its failure under a mutant
/// shows nothing.
pub(super) fn verdicts<'c>(
    checks: impl Iterator<Item = (&'c Check<'c>, &'c CheckResult)>,
) -> Vec<MutantVerdict> {
    let checks: Vec<_> = checks.collect();
    let mut verdicts: Vec<(Option<(&str, _)>, MutantVerdict)> = Vec::new();
    for (check, result) in &checks {
        let Some(mutant) = check.mutant.as_ref().map(ToString::to_string) else { continue };
        let same = |(target, known): &(_, MutantVerdict)| {
            *target == check.target && known.lesson == result.id && known.mutant == mutant
        };
        let at = verdicts.iter().position(same).unwrap_or_else(|| {
            let (lesson, evidence) = (result.id.clone(), String::new());
            verdicts.push((check.target, MutantVerdict { lesson, mutant, killed: false, evidence }));
            verdicts.len() - 1
        });
        let verdict = &mut verdicts[at].1;
        if verdict.killed {
            continue;
        }
        let sick = checks.iter().any(|(other, healthy)| {
            other.mutant.is_none()
                && (other.id(), &other.release) == (check.id(), &check.release)
                && healthy.status == Status::Fail
        });
        verdict.killed = !sick && check.is_killed_by(result);
        let evidence = match sick {
            true => format!("{}: the check fails without the mutant too", check.release),
            false => evidence(check, result),
        };
        // An era in which the mutant changes nothing is the least interesting evidence.
        if verdict.killed || verdict.evidence.is_empty() || verdict.evidence == HELD {
            verdict.evidence = evidence;
        }
    }
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

/// What a check under a mutant showed.
fn evidence(check: &Check<'_>, result: &CheckResult) -> String {
    const MOST: usize = 120;

    let shown = |failure: &Failure| {
        let seen = failure.seen_in_short(MOST);
        format!("{}, {} {}: {seen}", check.release, failure.step, failure.about.as_str())
    };
    let Some(first) = result.failures.first() else { return HELD.to_owned() };
    if !result.ran {
        return format!("{}: it could not be run to its end: {}", check.release, first.seen_in_short(MOST));
    }
    if !check.is_killed_by(result) {
        let (step, field) = check.target.map_or(("", "run"), |(step, field)| (step, field.as_str()));
        return format!("`{step}` holds in {field}; another failure was seen: {}", shown(first));
    }
    let target = result.failures.iter().find(|failure| {
        check.target.is_none_or(|(step, field)| {
            failure.step == step && failure.about == super::failure::About::Expect(field)
        })
    });
    target.map_or(String::new(), shown)
}
