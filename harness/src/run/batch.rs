//! Checks that are ready to run, and what their results make together.

use std::io;
use std::path::Path;

use super::check::{Check, CheckResult};
use super::mutant_verdict::{MutantVerdict, verdicts};
use super::plan::Plan;
use super::run_result::NotRun;
use super::shell_script::shell_script;

/// Checks whose accounts exist, ready to run.
#[derive(Debug)]
pub struct Batch<'a> {
    pub(super) checks: Vec<(Check<'a>, Plan)>,
}

impl Batch<'_> {
    /// Whether a check runs under a mutant.
    pub fn has_mutants(&self) -> bool {
        self.checks.iter().any(|(check, _)| check.mutant.is_some())
    }

    /// A shell script that does what its checks do, with one `ssh` or `scp` process for each step: what a run is compared
    /// with. It runs in `folder`, which gets the logins and needs a configuration for `ssh` that is called `config`.
    ///
    /// # Errors
    /// What the system says if a login cannot be written.
    pub fn shell_script(&self, address: &str, folder: &Path) -> io::Result<String> {
        shell_script(&self.checks, address, folder)
    }

    /// The results, one for each check and release, and the checks that were not run.
    pub(super) fn collected(&self, results: Vec<Option<CheckResult>>) -> (Vec<CheckResult>, Vec<NotRun>) {
        // Under mutants, checks of one name are different checks.
        if self.has_mutants() {
            return (results.into_iter().flatten().collect(), Vec::new());
        }
        let (mut checks, mut not_run): (Vec<CheckResult>, Vec<NotRun>) = (Vec::new(), Vec::new());
        for ((check, _), result) in self.checks.iter().zip(results) {
            let Some(result) = result else {
                let (id, title) = (check.id().to_owned(), check.title().to_owned());
                not_run.push(NotRun { id, title, kind: check.kind_name() });
                continue;
            };
            match checks.iter_mut().find(|known| known.id == result.id && known.release == result.release) {
                Some(known) => known.add(result),
                None => checks.push(result),
            }
        }
        not_run.dedup();
        not_run.retain(|other| checks.iter().all(|check| check.id != other.id));
        (checks, not_run)
    }

    /// Whether each mutant of the batch was killed. `results` are those of its checks, or of the first of them.
    pub fn mutant_verdicts(&self, results: &[CheckResult]) -> Vec<MutantVerdict> {
        verdicts(self.checks.iter().map(|(check, _)| check).zip(results))
    }
}
