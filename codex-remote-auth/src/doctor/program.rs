//! Whether a command finds codex, and whether codex answers.

use super::Finding;
use super::facts::{Facts, NoRelease};
use crate::codex::{Diagnosis, FoundBy, FoundCodex, NearMiss, quote};
use crate::remote::{FileFacts, ProofOutcome};

pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let look = &facts.look;
    let found_by = |found: Option<bool>| match found {
        None => "not checked",
        Some(false) => "no",
        Some(true) => "yes",
    };
    let plain = look.codex.iter().any(|candidate| candidate.by == FoundBy::Path && candidate.runnable);
    let modes = format!(
        "on PATH: plain command {}, login shell {}, terminal {}",
        found_by(Some(plain)),
        found_by(facts.more.login_shell),
        found_by(facts.more.terminal)
    );
    let Some(codex) = &facts.codex else {
        let near = look.near_miss.as_ref().map(NearMiss::to_string).unwrap_or_default();
        let finding = Finding::problem("codex", format!("codex was not found; {modes}{near}"))
            .lesson("trouble-command-not-found");
        return vec![match facts.has("npm") {
            true => finding.on_host("npm install -g @openai/codex"),
            false => finding.advice("install codex on the host: https://github.com/openai/codex#quickstart"),
        }];
    };
    if !look.may_run(codex) {
        return vec![not_executable(&codex.path, facts.more.denied)];
    }
    let mut findings = Vec::new();
    findings.push(match &codex.release {
        Some(release) => Finding::ok("codex", format!("release {release}, {}", codex.path)),
        None => no_release(facts, &codex.path),
    });
    findings.extend(others(facts, codex));
    if codex.is_on_path() {
        findings.push(Finding::ok("path", modes));
        return findings;
    }
    let what = match codex.by {
        FoundBy::TildePath => format!(
            "the PATH has a folder that begins with `~`: bash finds codex there, other programs do not; {modes}"
        ),
        FoundBy::Alias => format!("codex is only an alias, which a command over SSH does not have; {modes}"),
        _ => format!("codex is not on the PATH of a command over SSH; {modes}"),
    };
    let finding = Finding::problem("path", what).lesson(lesson_of(&look.shell));
    findings.push(match codex.path_line() {
        Some((line, file)) => finding.advice(format!("put this at the top of {file}: {line}")),
        None => finding
            .advice(format!(
                "{}: call codex by its full path, {}",
                codex.why_no_path_line(),
                quote(&codex.path)
            ))
            .then(facts.as_administrator(format!("ln -s {} /usr/local/bin/codex", quote(&codex.path)))),
    });
    findings
}

/// A codex that the account may not execute.
fn not_executable(path: &str, file: Option<FileFacts>) -> Finding {
    let finding =
        Finding::problem("codex", format!("{path} is not executable")).lesson("codex-not-executable");
    match file {
        Some(file) if file.mode & 0o111 != 0 => Finding::problem(
            "codex",
            format!("{path} has the x bit, but the account may not execute it: its mode {:04o} may not be for this account, a folder above it may be closed, or its file system may be mounted with noexec", file.mode),
        )
        .lesson("codex-not-executable")
        .on_host(format!("findmnt -T {}", quote(path))),
        _ => finding.on_host(format!("chmod +x {}", quote(path))),
    }
}

/// A codex that did not print its version.
fn no_release(facts: &Facts, path: &str) -> Finding {
    let says_nothing =
        |why: &str| Finding::problem("codex", format!("{path} does not print its version{why}"));
    match &facts.more.no_release {
        _ if facts.more.no_scratch => Finding::note(
            "codex",
            format!("{path} was not asked for its version: no folder for temporary files can be written"),
        )
        .advice("let the account write to /tmp, or set TMPDIR to a folder that it can write to"),
        Some(NoRelease::CannotStart(file)) => {
            Finding::problem("codex", file.to_string()).lesson(file.lesson()).advice(file.fix())
        }
        // As npm's package `codex`, and as Codex did before it was rewritten in Rust.
        Some(NoRelease::Said(said)) if is_a_version(said) => Finding::problem(
            "codex",
            format!("{path} is another program with this name, or a Codex of 2025: its version is `{said}`, not `codex-cli …`"),
        )
        .advice(format!("remove {path}, and install the current one: npm install -g @openai/codex@latest")),
        Some(NoRelease::Said(said)) => {
            says_nothing(&format!("; it printed `{said}`")).on_host(format!("{} --version", quote(path)))
        }
        None => says_nothing("").on_host(format!("{} --version", quote(path))),
    }
}

/// Whether this is a version, perhaps with a name before it.
fn is_a_version(said: &str) -> bool {
    let last = said.split_whitespace().next_back().unwrap_or_default().trim_start_matches('v');
    said.split_whitespace().count() <= 2
        && last.contains('.')
        && last.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// The other codexes, if one of them is another release: which one runs then depends on the kind of shell.
fn others(facts: &Facts, codex: &FoundCodex) -> Option<Finding> {
    let others: Vec<&FoundCodex> = facts
        .more
        .others
        .iter()
        .filter(|other| other.release.is_some() && other.release != codex.release)
        .collect();
    if others.is_empty() {
        return None;
    }
    let named: Vec<String> = others
        .iter()
        .map(|other| {
            let release = other.release.as_deref().unwrap_or_default();
            match other.by {
                FoundBy::Path => format!("{} is {release} (later on the PATH)", other.path),
                by => format!("{} is {release} ({by})", other.path),
            }
        })
        .collect();
    let which = if codex.is_on_path() { "a plain command runs" } else { "this program calls" };
    let what = format!("{which} {}; {}", codex.path, named.join("; "));
    let finding = Finding::note("other codex", what);
    let lines = others.iter().find_map(|other| Some((other.path.as_str(), other.path_line()?)));
    Some(match lines {
        Some((path, (line, file))) => {
            finding.advice(format!("to use {path} everywhere, put this at the top of {file}: {line}"))
        }
        None => finding,
    })
}

/// The lesson about the PATH of this login shell.
fn lesson_of(shell: &str) -> &'static str {
    match shell.rsplit('/').next().unwrap_or_default() {
        "bash" => "path-bash",
        "zsh" => "path-zsh",
        _ => "path-sh",
    }
}

/// The result of a call of codex.
pub(super) fn live(proof: &ProofOutcome) -> Finding {
    match proof {
        ProofOutcome::Ran { not_this_login: Some(why), .. } => Finding::problem(
            "live call",
            format!("codex exec answered, but nothing shows that it used this login: {why}"),
        ),
        ProofOutcome::Ran { diagnosis: Diagnosis::Works, .. } => {
            Finding::ok("live call", "codex exec answered with this login")
        }
        ProofOutcome::Ran { diagnosis, .. } => {
            let what = format!("codex exec failed ({}): {}", diagnosis.code(), diagnosis.advice_on_a_proof());
            Finding { diagnosis: Some(*diagnosis), ..Finding::problem("live call", what) }
                .on_host("codex exec --skip-git-repo-check 'Respond: OK' </dev/null")
        }
        ProofOutcome::NoCodex { .. } | ProofOutcome::NotAsked => {
            Finding::problem("live call", "there was no codex to call")
        }
    }
}
