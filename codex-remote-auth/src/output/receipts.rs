//! The result of a deploy or a rollback on one host, in words and as JSON.

use serde_json::{Value, json};

use super::Style;
use super::failure::{failure_lines, hint_lines, hints_json};
use super::host_entry::{Mark, host_entry, tell_failure, tell_host};
use super::proof::{codex_json, codex_lines, proof_lines, tell_proof};
use crate::deploy::{Done, Notice, Receipt, Was};
use crate::hosts::{HostReport, Standing};
use crate::message::{Caller, Failure, Hint};
use crate::remote::ProofOutcome;
use crate::rollback::Rollback;
use crate::ssh::printable;

/// The result for a host, for a person: one line, and below it further details and next steps. `strict` counts it as a
/// failure if there was nothing to do.
pub fn receipt_text(report: &HostReport<Receipt>, strict: bool, caller: &Caller, style: Style) -> String {
    let host = &report.host;
    let mark = match report.standing() {
        Standing::NothingToDo if strict => Mark::Fails,
        Standing::Done | Standing::NothingToDo => Mark::Holds,
        Standing::Unproven => Mark::Unproven,
        Standing::Failed => Mark::Fails,
    };
    let lines = match &report.outcome {
        Ok(receipt) => receipt_lines(receipt, caller, host, style),
        Err(error) if report.standing() == Standing::NothingToDo && !strict => {
            let mut lines = vec![style.done(&format!("nothing to do: {error}"))];
            lines.extend(hint_lines(&error.hints(), caller, host));
            lines
        }
        Err(error) => failure_lines(error, caller, host),
    };
    let strictly = (strict && report.standing() == Standing::NothingToDo && report.outcome.is_ok())
        .then(|| "there was nothing to do, and --strict counts that as a failure".to_owned());
    host_entry(mark, host, lines.into_iter().chain(strictly).collect(), report.elapsed, style)
}

fn receipt_lines(receipt: &Receipt, caller: &Caller, host: &str, style: Style) -> Vec<String> {
    let mut lines = vec![match receipt.done {
        Done::WouldPlace => done(receipt),
        Done::Placed | Done::AlreadyThere => style.done(&done(receipt)),
    }];
    lines.extend(receipt.backup.as_ref().map(|path| format!("previous file saved as {path}")));
    lines.extend(receipt.notices.iter().map(|notice| notice_text(notice, receipt.dry_run)));
    lines.extend(receipt.codex.iter().flat_map(codex_lines));
    if !receipt.dry_run {
        lines.extend(proof_lines(&receipt.proof, caller, host, style));
        let failed = matches!(receipt.proof, ProofOutcome::Ran { .. }) && !receipt.proof.holds();
        if failed && receipt.backup.is_some() {
            let back = [Hint::ours("to bring the previous login back", "rollback", &[])];
            lines.extend(hint_lines(&back, caller, host));
        }
    }
    lines
}

/// What to know about a restored login that is an older state of the one that it replaced.
const OLDER: &str = "it is an older state of the login that it replaced: if Codex renewed the login in between, on any machine, \
    the restored one is refused (refresh token already used)";

/// The result of a rollback, for a person.
pub fn rollback_text(report: &HostReport<Rollback>, caller: &Caller, style: Style) -> String {
    let mark = if report.outcome.is_ok() { Mark::Holds } else { Mark::Fails };
    host_text(report, mark, caller, style, |Rollback { path, mode, size, has_backup, is_older }| {
        let again = match has_backup {
            true => "the replaced file is now the backup; run rollback again to swap them back",
            false => "there was no login to replace, so there is no backup any more",
        };
        let again = again.to_owned();
        let note = is_older.then(|| format!("note: {OLDER}"));
        let restored = style.done(&format!("restored {path} ({size} bytes, mode {mode:04o})"));
        [restored, again].into_iter().chain(note).collect()
    })
}

fn host_text<T>(
    report: &HostReport<T>,
    mark: Mark,
    caller: &Caller,
    style: Style,
    lines: impl FnOnce(&T) -> Vec<String>,
) -> String {
    let lines =
        report.outcome.as_ref().map_or_else(|error| failure_lines(error, caller, &report.host), lines);
    host_entry(mark, &report.host, lines, report.elapsed, style)
}

fn done(receipt: &Receipt) -> String {
    let Receipt { path, size, mode, was, .. } = receipt;
    let before = match was {
        Was::Absent => "new file",
        Was::Link => "replaced a link",
        Was::File(_) => "replaced the old file",
        Was::Unreadable => "replaced a file that could not be read",
    };
    match receipt.done {
        Done::Placed => format!("copied to {path} ({before}, {size} bytes, mode {mode:04o})"),
        Done::AlreadyThere => format!("already up to date: {path} ({size} bytes)"),
        Done::WouldPlace => {
            let before = match was {
                Was::Absent => "new file",
                _ => "replaces what is there",
            };
            format!(
                "would be copied to {path} ({before}, {size} bytes, mode {mode:04o}); nothing was changed"
            )
        }
    }
}

fn notice_text(notice: &Notice, dry_run: bool) -> String {
    let (is_now, belongs_now) =
        if dry_run { ("would be", "would belong") } else { ("is now", "now belongs") };
    match notice {
        Notice::FileMode { was } => {
            format!("auth.json had mode {was:04o}; it {is_now} 0600 (lesson file-modes)")
        }
        Notice::FileOwner { was } => {
            format!("auth.json belonged to user {was}; it {belongs_now} to the account (lesson file-modes)")
        }
        Notice::DirectoryMode { was } if dry_run => {
            format!(
                "others can write to the directory ({was:04o}); a deploy removes that permission (lesson file-modes)"
            )
        }
        Notice::DirectoryMode { was } => {
            format!(
                "others could write to the directory ({was:04o}); that permission is removed (lesson file-modes)"
            )
        }
        Notice::RelativeHome { set } => format!(
            "CODEX_HOME is `{}` on the host, which is another folder wherever codex is called: write the whole path where it is set",
            printable(set)
        ),
        Notice::StoreIsChosen { place } => format!(
            "cli_auth_credentials_store is \"auto\" on the host ({place}): with a keyring, codex would not read this file (lesson \
             keyring-store)"
        ),
        Notice::Setting { effect } => effect.clone(),
        Notice::TooOld { why } => why.clone(),
        Notice::NoLogin { why } => format!("the replaced file was not a login: {why}"),
        Notice::Variables { names } => format!(
            "{} is set on the host: codex there uses it instead of this login; the check ran without it (lesson \
             openai-api-key-variable)",
            names.join(", ")
        ),
    }
}

/// The result for a host as JSON.
pub fn receipt_json(report: &HostReport<Receipt>, strict: bool, caller: &Caller) -> Value {
    let nothing = json!({
        "path": null, "mode": null, "size": null, "replaced": null, "codex": null, "proof": "not-reached",
    });
    match &report.outcome {
        Err(error) if report.standing() == Standing::NothingToDo && !strict => {
            let mut host = nothing;
            host["result"] = json!("newer-there");
            host["proof"] = json!("not-asked");
            host["why"] = json!(error.to_string());
            host["hints"] = hints_json(&error.hints(), caller, &report.host);
            tell_host(&mut host, &report.host, report.elapsed, &report.warnings);
            host
        }
        _ => host_json(report, caller, |receipt| of_receipt(receipt, caller, &report.host), nothing),
    }
}

/// The result of a rollback as JSON.
pub fn rollback_json(report: &HostReport<Rollback>, caller: &Caller) -> Value {
    let done = |Rollback { path, mode, size, is_older, .. }: &Rollback| {
        let mut host =
            json!({ "result": "restored", "path": path, "mode": format!("{mode:04o}"), "size": size });
        if *is_older {
            host["notices"] = json!([OLDER]);
        }
        host
    };
    host_json(report, caller, done, json!({ "path": null, "mode": null, "size": null }))
}

fn host_json<T>(
    report: &HostReport<T>,
    caller: &Caller,
    done: impl FnOnce(&T) -> Value,
    nothing: Value,
) -> Value {
    let mut host = match &report.outcome {
        Ok(outcome) => done(outcome),
        Err(error) => {
            let mut host = nothing;
            tell_failure(&mut host, error.code(), error, caller, &report.host);
            host
        }
    };
    tell_host(&mut host, &report.host, report.elapsed, &report.warnings);
    host
}

fn of_receipt(receipt: &Receipt, caller: &Caller, name: &str) -> Value {
    let mut host = json!({
        "result": match receipt.done {
            Done::Placed => "deployed",
            Done::AlreadyThere => "already-there",
            Done::WouldPlace => "would-be-deployed",
        },
        "path": receipt.path,
        "mode": format!("{:04o}", receipt.mode),
        "size": receipt.size,
        "replaced": match receipt.was {
            _ if receipt.done == Done::AlreadyThere => Value::Null,
            Was::Absent => Value::Null,
            Was::Link => json!("link"),
            Was::File(_) => json!("file"),
            Was::Unreadable => json!("unreadable-file"),
        },
        "codex": receipt.codex.as_ref().map(codex_json),
    });
    if let Some(path) = &receipt.backup {
        host["backup"] = json!(path);
    }
    if !receipt.notices.is_empty() {
        host["notices"] =
            receipt.notices.iter().map(|notice| json!(notice_text(notice, receipt.dry_run))).collect();
    }
    tell_proof(&receipt.proof, &mut host, caller, name);
    host
}
