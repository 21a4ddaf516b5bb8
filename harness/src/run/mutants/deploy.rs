//! Mutants of the deploy: edits of the remote script, or damage right after the deploy.

use std::time::Duration;

use codex_remote_auth::auth_json::AuthFile;
use codex_remote_auth::deploy::{DeployOptions, OnSymlink, Receipt};
use codex_remote_auth::lessons::{MutantKind, MutantName};
use codex_remote_auth::remote::{Guard, RemoteError, Script};
use codex_remote_auth::ssh::{Deadline, End, Session, Stdin};
use codex_remote_auth::testing::deploy_with_script;

/// A mutant of the deploy that edits the remote script.
struct DeployMutant {
    name: &'static str,
    what: &'static str,
    edits: &'static [(&'static str, &'static str)],
}

/// A mutant that the deploy itself cannot notice: a command on the account, after a deploy has reported success.
struct Damage {
    name: &'static str,
    what: &'static str,
    command: &'static str,
}

/// The name of the mutant that sends a login without validating it. It is not in the remote script.
const VALIDATION_SKIPPED: &str = "validation-skipped";

/// The names of the mutants in the options of a deploy. They are not in the remote script either.
const LINK_REPLACED: &str = "link-written-through";
const FRESHNESS_IGNORED: &str = "freshness-ignored";

const DEPLOY: &[DeployMutant] = &[
    DeployMutant {
        name: "modes-loose",
        what: "the file is 0644 and its directory 0755",
        edits: &[("umask 077", "umask 022"), ("chmod 600", "chmod 644"), ("-rw-------*)", "-rw-r--r--*)")],
    },
    DeployMutant {
        name: "directory-not-made",
        what: "a missing Codex home is not made",
        edits: &[(
            "[ -d \"$home\" ] || said=$(tool mkdir -p -- \"$home\" 2>&1) || fail cannot-make-directory \"$said\"",
            ":",
        )],
    },
    DeployMutant {
        name: "never-overwrites",
        what: "an existing file stays, as with SFTP's rename",
        edits: &[(
            "said=$(tool mv -f \"$1\" \"$2\" 2>&1)",
            "{ [ -e \"$2\" ] && tool rm -f \"$1\"; } || said=$(tool mv -f \"$1\" \"$2\" 2>&1)",
        )],
    },
    DeployMutant {
        name: "leading-dot",
        what: "the file is written as .auth.json",
        edits: &[("replace auth.json ../auth.json", "replace auth.json ../.auth.json")],
    },
    DeployMutant {
        name: "codex-home-ignored",
        what: "the file always goes to ~/.codex",
        edits: &[("home=${CODEX_HOME:-$HOME/.codex}", "home=$HOME/.codex")],
    },
    DeployMutant {
        name: LINK_REPLACED,
        what: "a symbolic link is taken for a file and replaced without a word",
        edits: &[],
    },
    DeployMutant {
        name: "stdin-left-open",
        what: "codex gets the channel's own stdin, which never ends",
        edits: &[("</dev/null 3<&- &", "<&3 &")],
    },
    DeployMutant { name: FRESHNESS_IGNORED, what: "a newer remote login is replaced", edits: &[] },
    DeployMutant {
        name: "cut-short",
        what: "only the first 300 bytes are written, and nobody looks",
        edits: &[
            ("tool head -c \"$1\" <&3", "tool head -c \"$1\" <&3 | tool head -c 300"),
            ("if [ \"$sum\" != \"$2\" ]; then", "if false; then"),
        ],
    },
    DeployMutant {
        name: "token-in-argv",
        what: "the login is in a command line for a moment",
        edits: &[("sum=$(digest auth.json)", "sh -c : leak \"$(cat auth.json)\"; sum=$(digest auth.json)")],
    },
    DeployMutant {
        name: "token-in-environment",
        what: "the login is in a process environment for a moment",
        edits: &[(
            "sum=$(digest auth.json)",
            "LEAK=$(cat auth.json) env >/dev/null; sum=$(digest auth.json)",
        )],
    },
    DeployMutant {
        name: "git-flag-forgotten",
        what: "the proof is run without --skip-git-repo-check",
        edits: &[(
            "  bounded \"$@\"\n",
            "  [ \"$4\" != --skip-git-repo-check ] || set -- \"$1\" \"$2\" \"$3\" \"$5\" \"$6\"\n  bounded \"$@\"\n",
        )],
    },
    DeployMutant {
        name: "proof-by-path-alone",
        what: "the proof takes codex from the PATH or not at all",
        edits: &[("find_codex() {\n", "find_codex() {\n  say searched\n  return 0\n")],
    },
    DeployMutant { name: VALIDATION_SKIPPED, what: "a login is sent without being looked at", edits: &[] },
];

const DAMAGE: &[Damage] = &[
    Damage {
        name: "home-left-open",
        what: "the login's directory is 0755 in the end",
        command: "chmod 755 ~/.codex",
    },
    Damage {
        name: "file-left-open",
        what: "the login is 0644 in the end",
        command: "chmod 644 ~/.codex/auth.json",
    },
    Damage {
        name: "byte-changed",
        what: "one byte of the login is another in the end, and the JSON says the same",
        command: "sed -i '2s/^ /\\t/' ~/.codex/auth.json",
    },
    Damage {
        name: "byte-added",
        what: "the login has one more blank at its end",
        command: "printf ' ' >>~/.codex/auth.json",
    },
];

/// How long a deploy may take with its proof. It is more than a lesson's own limit for the proof.
const LIMIT: Duration = Duration::from_secs(120);

/// How long the command of a [`Damage`] may take.
const CALL: Duration = Duration::from_secs(20);

/// Every deploy mutant, with what it does.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let edited = DEPLOY.iter().map(|mutant| (mutant.name, mutant.what));
    edited.chain(DAMAGE.iter().map(|damage| (damage.name, damage.what)))
}

/// Deploys under a mutant of the deploy, or correctly if there is none or it is of another kind.
///
/// # Errors
/// What the deploy reports.
///
/// # Panics
/// If the mutant cannot be applied: then it would prove nothing.
pub(in crate::run) fn deploy(
    session: &Session,
    auth: &AuthFile,
    options: &DeployOptions,
    mutant: Option<&MutantName>,
) -> Result<Receipt, RemoteError> {
    let receipt = deploy_with_script(
        session,
        auth,
        &changed(options, mutant),
        Deadline::after(LIMIT),
        &script(mutant),
    )?;
    let wanted = mutant.filter(|mutant| mutant.kind == MutantKind::Deploy);
    if let Some(damage) = wanted.and_then(|wanted| DAMAGE.iter().find(|known| known.name == wanted.name)) {
        let done = session.run(damage.command, Stdin::Closed, Deadline::after(CALL));
        let is_done = done.is_ok_and(|output| output.end == End::Exit(0));
        assert!(is_done, "mutant deploy:{} could not be applied: {}", damage.name, damage.command);
    }
    Ok(receipt)
}

/// Whether a login is sent without validating it.
pub(in crate::run) fn skips_validation(mutant: Option<&MutantName>) -> bool {
    mutant.is_some_and(|mutant| mutant.kind == MutantKind::Deploy && mutant.name == VALIDATION_SKIPPED)
}

/// The options of a deploy under a mutant.
fn changed(options: &DeployOptions, mutant: Option<&MutantName>) -> DeployOptions {
    let mut options = options.clone();
    match mutant.filter(|mutant| mutant.kind == MutantKind::Deploy).map(|mutant| mutant.name.as_str()) {
        Some(LINK_REPLACED) => options.on_symlink = OnSymlink::Replace,
        Some(FRESHNESS_IGNORED) => options.force = options.force.with(Guard::NewerLogin),
        _ => {}
    }
    options
}

/// The remote script under a mutant.
fn script(mutant: Option<&MutantName>) -> Script {
    let mut script = Script::default();
    let wanted = mutant.filter(|mutant| mutant.kind == MutantKind::Deploy);
    let Some(found) = wanted.and_then(|wanted| DEPLOY.iter().find(|known| known.name == wanted.name)) else {
        return script;
    };
    for (text, by) in found.edits {
        script = script.edited(text, by).unwrap_or_else(|| {
            panic!("mutant deploy:{} replaces text that the script does not have: {text}", found.name)
        });
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deploy_mutant_changes_the_script_it_names() {
        for known in DEPLOY.iter().filter(|known| !known.edits.is_empty()) {
            let name = MutantName { kind: MutantKind::Deploy, name: known.name.to_owned() };
            assert_ne!(script(Some(&name)).text(), Script::default().text(), "{}", known.name);
        }
    }
}
