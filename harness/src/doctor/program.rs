//! Whether a command finds codex, and whether codex answers.

use super::Finding;
use super::facts::Facts;
use crate::codex::{Diagnosis, FoundBy, FoundCodex, quote};
use crate::deploy::ProofOutcome;

pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let there = |found: Option<&str>| match found {
        None => "not asked",
        Some("") => "not there",
        Some(_) => "there",
    };
    let modes = format!(
        "on the PATH of a plain command: {}; of a login shell: {}; of a terminal: {}",
        there(Some(&facts.plain)),
        there(facts.at_login.as_deref()),
        there(facts.at_terminal.as_deref())
    );
    if facts.codex.is_empty() {
        let finding =
            Finding::bad("codex", format!("no codex was found; {modes}")).lesson("trouble-command-not-found");
        return vec![finding.there("npm install -g @openai/codex")];
    }
    if facts.forbidden {
        let finding = Finding::bad("codex", format!("{} may not be run", facts.codex));
        return vec![finding.there(format!("chmod +x {}", quote(&facts.codex)))];
    }
    let mut findings = Vec::new();
    let codex = FoundCodex {
        path: facts.codex.clone(),
        by: FoundBy::parse(&facts.by).unwrap_or(FoundBy::Path),
        release: Some(facts.release.clone()).filter(|release| !release.is_empty()),
        shell: facts.shell.clone(),
    };
    findings.push(match &codex.release {
        Some(release) => Finding::good("codex", format!("release {release}, {}", codex.path)),
        None => Finding::bad("codex", format!("{} does not say its release", codex.path))
            .there(format!("{} --version", quote(&codex.path))),
    });
    findings.push(match codex.by {
        FoundBy::Path | FoundBy::Given => Finding::good("path", modes),
        FoundBy::LoginPath | FoundBy::Place => {
            let finding = Finding::bad("path", format!("a command over SSH does not find it; {modes}"))
                .lesson(lesson_of(&facts.shell));
            match codex.path_line() {
                Some((line, file)) => finding.there(format!("{line}   # at the top of {file}")),
                None => finding.there(quote(&codex.path)),
            }
        }
    });
    findings
}

/// The lesson on the PATH of this login shell.
fn lesson_of(shell: &str) -> &'static str {
    match shell.rsplit('/').next().unwrap_or_default() {
        "bash" => "path-bash",
        "zsh" => "path-zsh",
        _ => "path-sh",
    }
}

/// What a call of codex came to.
pub(super) fn live(proof: &ProofOutcome) -> Finding {
    match proof {
        ProofOutcome::Ran { diagnosis: Diagnosis::Works, .. } => {
            Finding::good("live call", "codex exec answered")
        }
        ProofOutcome::Ran { diagnosis, .. } => {
            let what = format!("codex exec failed ({}): {}", diagnosis.code(), diagnosis.advice_on_a_proof());
            Finding { diagnosis: Some(*diagnosis), ..Finding::bad("live call", what) }
                .there("codex exec --skip-git-repo-check 'Respond: OK' </dev/null")
        }
        ProofOutcome::NoCodex | ProofOutcome::NotAsked => {
            Finding::bad("live call", "there was no codex to call")
        }
    }
}
