//! Prints where codex was found on a host, and the result of the call that verifies a login.

use anstream::adapter::strip_str;
use serde_json::{Value, json};

use crate::codex::{Diagnosis, FoundBy, FoundCodex};
use crate::lessons::Catalogue;
use crate::remote::ProofOutcome;
use crate::ssh::shortened;

/// How much of codex's message is quoted, in characters. An error page may be one line.
const QUOTED: usize = 300;

/// Where codex was found, and how to put it on the PATH.
pub(super) fn codex_lines(codex: &FoundCodex) -> Vec<String> {
    let release = codex.release.as_ref().map_or_else(String::new, |release| format!(" {release}"));
    let mut lines = vec![format!("codex{release}: {}, {}", codex.path, codex.by)];
    if matches!(codex.by, FoundBy::LoginPath | FoundBy::Place) {
        lines.push(match codex.path_line() {
            Some((line, file)) => {
                format!("to put it on the PATH of every command: {line}   # at the top of {file}")
            }
            None => "this shell reads no rc file for a plain command: call codex by its full path".to_owned(),
        });
    }
    lines
}

/// The same as JSON.
pub(super) fn codex_json(codex: &FoundCodex) -> Value {
    let mut json = json!({ "path": codex.path, "release": codex.release, "found": codex.by.as_str() });
    if let Some((line, file)) = codex.path_line() {
        json["path_line"] = json!({ "line": line, "file": file });
    }
    json
}

/// The result of the verification.
pub(super) fn proof_lines(proof: &ProofOutcome) -> Vec<String> {
    match proof {
        ProofOutcome::NotAsked => vec!["not verified (--no-proof)".to_owned()],
        ProofOutcome::NoCodex => {
            vec!["not verified: codex was not found on this host. Install it, or pass --no-proof".to_owned()]
        }
        ProofOutcome::Ran { diagnosis: Diagnosis::Works, not_this_login: None, .. } => {
            vec!["verified: codex answered with this login".to_owned()]
        }
        ProofOutcome::Ran { diagnosis: Diagnosis::Works, not_this_login: Some(why), .. } => {
            vec![format!("codex answered, but did not use this login: {why}")]
        }
        ProofOutcome::Ran { outcome, diagnosis, .. } => {
            let said = String::from_utf8_lossy(&outcome.stderr);
            let last = said.lines().rfind(|line| is_codexs(line, *diagnosis)).unwrap_or("nothing");
            let last = strip_str(last).to_string();
            let last = shortened(&last, QUOTED);
            let mut lines = vec![format!("verification failed ({}): codex said: {last}", diagnosis.code())];
            lines.extend(taught(*diagnosis).map(|(id, title)| format!("lesson {id}: {title}")));
            lines.push(format!("next: {}", diagnosis.advice_on_a_proof()));
            lines
        }
    }
}

/// Whether a line is from codex. If we stop codex, the shell prints a line too.
fn is_codexs(line: &str, diagnosis: Diagnosis) -> bool {
    let of_the_shell = diagnosis == Diagnosis::TimedOut && ["Terminated", "Killed"].contains(&line.trim());
    !line.trim().is_empty() && !of_the_shell
}

/// Adds the same to a host's object, as JSON.
pub(super) fn tell_proof(proof: &ProofOutcome, host: &mut Value) {
    host["proof"] = json!(match proof {
        ProofOutcome::NotAsked => "not asked",
        ProofOutcome::NoCodex => "not possible",
        proof if proof.holds() => "works",
        ProofOutcome::Ran { not_this_login: Some(_), .. } => "not this login",
        ProofOutcome::Ran { .. } => "failed",
    });
    if let ProofOutcome::Ran { not_this_login: Some(why), .. } = proof {
        host["why"] = json!(why);
    }
    if let ProofOutcome::Ran { diagnosis, .. } = proof
        && *diagnosis != Diagnosis::Works
    {
        host["diagnosis"] = json!(diagnosis.code());
        if let Some((lesson, _)) = taught(*diagnosis) {
            host["lesson"] = json!(lesson);
        }
    }
}

/// The name and title of the lesson about this diagnosis.
pub(super) fn taught(diagnosis: Diagnosis) -> Option<(String, String)> {
    if diagnosis.is_seen_to_in_a_proof() {
        return None;
    }
    let catalogue = Catalogue::embedded().ok()?;
    let lesson = catalogue.lesson_of_diagnosis(diagnosis.code())?;
    Some((lesson.id.clone(), lesson.title.clone()))
}
