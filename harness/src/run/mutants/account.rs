//! Mutants of the accounts of a check. `run/plan.rs` applies them.

use codex_remote_auth::lessons::{MutantKind, MutantName};

/// Every account mutant, with what it does.
pub(super) const ALL: &[(&str, &str)] = &[
    ("codex-on-path", "sshd puts codex on the PATH of every command"),
    ("codex-nowhere", "there is no codex on the account"),
    ("codex-fails-from-outside", "codex fails in a session that comes from another machine"),
    ("codex-home-there", "~/.codex is there already"),
    ("home-is-a-repository", "the home directory is a git repository"),
    ("files-missing", "the files that the lesson gives the account are not there"),
    ("claude-login-there", "the account has a good login of Claude Code already"),
    ("login-missing", "none of the logins that the lesson gives is there"),
    ("login-padded", "the login on the machine that deploys has 20,000 blanks at its end"),
    ("login-refused", "the cloud refuses every login of the lesson"),
    ("local-login-missing", "the machine that deploys has no login for a codex of its own"),
    ("port-22-open", "the host that should answer on 22222 alone answers on 22 too"),
];

/// Makes codex fail if the session comes from another machine. Only bash reads it, not the programs that it starts.
pub(in crate::run) const FAILS_FROM_OUTSIDE: &str =
    "case $SSH_CLIENT in 127.*) ;; *) codex() { echo 'Error: refused' >&2; return 1; } ;; esac\n";

/// Whether this is the account mutant of that name.
pub(in crate::run) fn changes(mutant: Option<&MutantName>, name: &str) -> bool {
    debug_assert!(ALL.iter().any(|(known, _)| *known == name));
    mutant.is_some_and(|mutant| mutant.kind == MutantKind::Account && mutant.name == name)
}
