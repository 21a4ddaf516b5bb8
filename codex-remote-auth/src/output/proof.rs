//! Prints where codex was found on a host, and the result of the call that verifies a login.

use anstream::adapter::strip_str;
use serde_json::{Value, json};

use super::Style;
use super::failure::{BELOW, hint_lines, hints_json};
use crate::codex::{Diagnosis, FoundCodex, NearMiss};
use crate::message::{Caller, Hint, without_secrets};
use crate::remote::{ProofOutcome, Reason};
use crate::ssh::shortened;

/// How much of codex's message is quoted, in characters. An error page may be one line.
const QUOTED: usize = 300;

/// Where codex was found, and how to put it on the PATH.
pub(super) fn codex_lines(codex: &FoundCodex) -> Vec<String> {
    let release = codex.release.as_ref().map_or_else(String::new, |release| format!(" {release}"));
    let mut lines = vec![format!("codex{release}: {}, {}", codex.path, codex.by)];
    if !codex.is_on_path() {
        match codex.path_line() {
            Some((line, file)) => {
                lines.push(format!(
                    "hint: to put it on the PATH of every command, add this at the top of {file}:"
                ));
                lines.push(format!("{BELOW}{line}"));
            }
            None => {
                let why = codex.why_no_path_line();
                lines.push(format!("hint: {why}: call codex by its full path, or link it:"));
                lines.push(format!("{BELOW}{}", codex.link_command()));
            }
        }
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

/// The result of the verification, with a mark, and what to do if it failed.
pub(super) fn proof_lines(proof: &ProofOutcome, caller: &Caller, host: &str, style: Style) -> Vec<String> {
    let mut lines = vec![match proof {
        ProofOutcome::NotAsked => "not verified (--no-proof)".to_owned(),
        ProofOutcome::NoCodex { near_miss } => {
            let near = near_miss.as_ref().map(NearMiss::to_string).unwrap_or_default();
            style.not_done(&format!("not verified: codex was not found on this host{near}"))
        }
        ProofOutcome::Ran { diagnosis: Diagnosis::Works, not_this_login: None, .. } => {
            style.done("verified: codex answered with this login")
        }
        ProofOutcome::Ran { diagnosis: Diagnosis::Works, not_this_login: Some(why), .. } => style.not_done(
            &format!("not verified: codex answered, but nothing shows that it used this login: {why}"),
        ),
        ProofOutcome::Ran { outcome, diagnosis, .. } => {
            // The answer is on stdout, and other lines come after it on stderr.
            let said = match diagnosis {
                Diagnosis::OtherAnswer => String::from_utf8_lossy(&outcome.stdout),
                _ => String::from_utf8_lossy(&outcome.stderr),
            };
            let last = diagnosis.telling_line(&said, |line| is_codexs(line, *diagnosis)).unwrap_or("nothing");
            let last = without_secrets(&strip_str(last).to_string());
            let last = shortened(&last, QUOTED);
            style.not_done(&format!("not verified ({}): codex said: {last}", diagnosis.code()))
        }
    }];
    lines.extend(reasons(proof).iter().map(Reason::to_string));
    if let ProofOutcome::Ran { diagnosis, .. } = proof
        && let Some((id, title)) = lesson_after_a_deploy(*diagnosis)
    {
        lines.push(format!("lesson {id}: {title}"));
    }
    lines.extend(hint_lines(&hints(proof), caller, host));
    lines
}

/// What on the host may be the reason for a failed call.
fn reasons(proof: &ProofOutcome) -> &[Reason] {
    match proof {
        ProofOutcome::Ran { reasons, .. } => reasons,
        _ => &[],
    }
}

/// What to do after the verification. Never what the deploy has just done.
fn hints(proof: &ProofOutcome) -> Vec<Hint> {
    match proof {
        ProofOutcome::NoCodex { .. } => vec![
            Hint::on_host("install it", "npm install -g @openai/codex"),
            Hint::again("to leave the verification out", &["--no-proof"]),
        ],
        // They are about this host, so they say more than the advice about the diagnosis.
        ProofOutcome::Ran { reasons, .. } if !reasons.is_empty() => {
            reasons.iter().map(|reason| Hint::words(reason.fix.clone())).collect()
        }
        ProofOutcome::Ran { diagnosis, .. } if *diagnosis != Diagnosis::Works => {
            let advice = Hint::words(diagnosis.advice_on_a_proof());
            match diagnosis {
                Diagnosis::Unauthorized | Diagnosis::RefreshTokenExpired | Diagnosis::RefreshTokenRevoked => {
                    vec![
                        Hint::here("log in on this machine", "codex login"),
                        Hint::again("then deploy again", &[]).only("deploy"),
                    ]
                }
                Diagnosis::RefreshTokenUsed => {
                    vec![advice, Hint::ours("to see what is on the host", "doctor", &[])]
                }
                Diagnosis::NotLoggedIn | Diagnosis::CodexHomeMissing | Diagnosis::AuthFileBroken => {
                    vec![advice, Hint::ours("to see both", "doctor", &[])]
                }
                _ => vec![advice],
            }
        }
        ProofOutcome::Ran { not_this_login: Some(_), .. } => {
            vec![Hint::ours("to see what decides which login codex uses", "doctor", &[]).only("deploy")]
        }
        _ => Vec::new(),
    }
}

/// The lesson about a diagnosis, unless it is about a mistake that the deploy has ruled out.
fn lesson_after_a_deploy(diagnosis: Diagnosis) -> Option<(String, String)> {
    if diagnosis.is_ruled_out_by_a_deploy() { None } else { taught(diagnosis) }
}

/// Whether a line is from codex. If we stop codex, the shell prints a line too.
fn is_codexs(line: &str, diagnosis: Diagnosis) -> bool {
    let of_the_shell = diagnosis == Diagnosis::TimedOut && ["Terminated", "Killed"].contains(&line.trim());
    !line.trim().is_empty() && !of_the_shell
}

/// Adds the same to the JSON object of a host.
pub(super) fn tell_proof(proof: &ProofOutcome, json: &mut Value, caller: &Caller, host: &str) {
    let hints = hints(proof);
    if !hints.is_empty() {
        json["hints"] = hints_json(&hints, caller, host);
    }
    json["proof"] = json!(match proof {
        ProofOutcome::NotAsked => "not-asked",
        ProofOutcome::NoCodex { .. } => "not-possible",
        proof if proof.holds() => "works",
        ProofOutcome::Ran { not_this_login: Some(_), .. } => "not-this-login",
        ProofOutcome::Ran { .. } => "failed",
    });
    let reasons = reasons(proof);
    if !reasons.is_empty() {
        json["reasons"] = reasons.iter().map(|reason| json!(reason.to_string())).collect();
    }
    if let ProofOutcome::Ran { not_this_login: Some(why), .. } = proof {
        json["why"] = json!(why);
    }
    if let ProofOutcome::Ran { diagnosis, .. } = proof
        && *diagnosis != Diagnosis::Works
    {
        json["diagnosis"] = json!(diagnosis.code());
        if let Some((lesson, _)) = lesson_after_a_deploy(*diagnosis) {
            json["lesson"] = json!(lesson);
        }
    }
}

/// The name and title of the lesson about this diagnosis.
pub(super) fn taught(diagnosis: Diagnosis) -> Option<(String, String)> {
    if diagnosis.is_seen_to_in_a_proof() {
        return None;
    }
    let lesson = diagnosis.lesson()?;
    Some((lesson.id.clone(), lesson.title.clone()))
}
