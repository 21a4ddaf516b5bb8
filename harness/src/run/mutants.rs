//! The deliberate defects that exist, and what each changes.

use crate::deploy::{DeployOptions, OnSymlink};
use crate::lesson::{MutantKind, MutantName};
use crate::remote::{Guard, Script};

/// Every mutant's name and what it does, in the order of the names.
pub fn all() -> Vec<(String, &'static str)> {
    let stub = codex_stub::MUTANTS.iter().map(|(name, what)| (format!("stub:{name}"), *what));
    let deploy = DEPLOY.iter().map(|mutant| (format!("deploy:{}", mutant.name), mutant.what));
    let account = ACCOUNT.iter().map(|(name, what)| (format!("account:{name}"), *what));
    let client = CLIENT.iter().map(|(name, what, _)| (format!("client:{name}"), *what));
    let mut all: Vec<_> = stub.chain(deploy).chain(account).chain(client).collect();
    all.sort();
    all
}

/// A defect of the deploy logic: the remote script with some of its text replaced.
struct DeployMutant {
    name: &'static str,
    what: &'static str,
    edits: &'static [(&'static str, &'static str)],
}

/// The name of the one defect that is not in the remote script: a login is sent without being looked at.
pub(super) const VALIDATION_SKIPPED: &str = "validation-skipped";

/// The names of the defects that are in what we decide, and not in the remote script.
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
        edits: &[("said=$(tool mkdir -p -- \"$home\" 2>&1)", "{ said=none; false; }")],
    },
    DeployMutant {
        name: "never-overwrites",
        what: "an existing file stays, as with SFTP's rename",
        edits: &[(
            "said=$(tool mv -f \"$1\" \"$2\" 2>&1)",
            "said=failure && [ ! -e \"$2\" ] && tool mv \"$1\" \"$2\"",
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
            ("[ \"$got\" -eq \"$1\" ] || fail cut-short \"$got\"", ":"),
            ("[ \"$sum\" = \"$2\" ] || fail damaged \"$sum\"", ":"),
        ],
    },
    DeployMutant {
        name: "token-in-argv",
        what: "the login is in a command line for a moment",
        edits: &[("got=$(tool wc", "sh -c \"sleep 0.2\" leak \"$(cat auth.json)\"; got=$(tool wc")],
    },
    DeployMutant {
        name: "token-in-environment",
        what: "the login is in a process environment for a moment",
        edits: &[("got=$(tool wc", "LEAK=$(cat auth.json) sleep 0.2; got=$(tool wc")],
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
        edits: &[("candidate place", ": place")],
    },
    DeployMutant { name: VALIDATION_SKIPPED, what: "a login is sent without being looked at", edits: &[] },
];

/// Changes of the remote account. What each does is in [`plan`](super::plan).
const ACCOUNT: &[(&str, &str)] = &[
    ("codex-on-path", "sshd puts codex on the PATH of every command"),
    ("codex-nowhere", "there is no codex on the account"),
    ("codex-home-there", "~/.codex is there already"),
    ("home-is-a-repository", "the home directory is a git repository"),
    ("files-missing", "the files that the lesson gives the account are not there"),
    ("login-there", "the account has a good login already"),
    ("claude-login-there", "the account has a good login of Claude Code already"),
    ("login-missing", "none of the logins that the lesson gives is there"),
    ("login-refused", "the cloud refuses every login of the lesson"),
    ("port-22-open", "the host that should answer on 22222 alone answers on 22 too"),
];

/// Changes of programs on the machine that deploys: a name, and the wrapper that stands before it on the PATH.
const CLIENT: &[(&str, &str, (&str, &str))] = &[
    (
        "scp-makes-directories",
        "scp makes the remote directory first",
        ("scp", "#!/bin/sh\nssh remote 'mkdir -p ~/.codex'\nexec /usr/bin/scp \"$@\"\n"),
    ),
    (
        "scp-takes-lower-case-port",
        "scp takes -p for the port, as ssh does",
        ("scp", "#!/bin/sh\n[ \"$1\" = -p ] && shift && set -- -P \"$@\"\nexec /usr/bin/scp \"$@\"\n"),
    ),
    (
        "scp-cuts-short",
        "scp loses the end of what it copies",
        (
            "scp",
            "#!/bin/sh\nhead -c 300 ~/.codex/auth.json >~/cut && mv ~/cut ~/.codex/auth.json\nexec /usr/bin/scp \"$@\"\n",
        ),
    ),
    ("scp-does-nothing", "scp says that it worked, and copies nothing", ("scp", "#!/bin/sh\nexit 0\n")),
    (
        "timeout-forgets",
        "timeout waits for as long as its command does not take, and then reports success",
        ("timeout", "#!/bin/sh\n/usr/bin/timeout \"$@\"\nexit 0\n"),
    ),
];

/// The remote script as a mutant leaves it, or as it is for a mutant of another kind.
///
/// # Panics
/// Where the mutant's text is not in the script: then it would change nothing, and prove nothing.
pub(super) fn script(mutant: Option<&MutantName>) -> Script {
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

/// The options of a deploy as a mutant leaves them.
pub(super) fn options(mutant: Option<&MutantName>, mut options: DeployOptions) -> DeployOptions {
    match mutant.filter(|mutant| mutant.kind == MutantKind::Deploy).map(|mutant| mutant.name.as_str()) {
        Some(LINK_REPLACED) => options.on_symlink = OnSymlink::Replace,
        Some(FRESHNESS_IGNORED) => options.force = options.force.with(Guard::NewerLogin),
        _ => {}
    }
    options
}

/// The wrapper of a client mutant: its name on the PATH, and its text.
pub(super) fn wrapper(mutant: Option<&MutantName>) -> Option<(&'static str, &'static str)> {
    let wanted = mutant.filter(|mutant| mutant.kind == MutantKind::Client)?;
    CLIENT.iter().find(|(name, _, _)| *name == wanted.name).map(|(_, _, wrapper)| *wrapper)
}

/// Whether this is the account mutant of that name.
pub(super) fn changes_account(mutant: Option<&MutantName>, name: &str) -> bool {
    debug_assert!(ACCOUNT.iter().any(|(known, _)| *known == name));
    mutant.is_some_and(|mutant| mutant.kind == MutantKind::Account && mutant.name == name)
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

    #[test]
    fn no_two_mutants_share_a_name() {
        let all = all();
        let mut names: Vec<_> = all.iter().map(|(name, _)| name).collect();
        names.dedup();
        assert_eq!(names.len(), all.len());
    }
}
