//! What was seen on the host: by the look of every command, and by the examination.

use crate::auth_json::{AuthFile, AuthProblem, Existing};
use crate::codex::{CannotStart, FoundCodex, Settings, Wrapper};
use crate::message::Hint;
use crate::remote::{FileFacts, Look};

/// What was seen. An empty field means that there was nothing, or that it could not be determined.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) look: Look,
    /// The content of auth.json; `None` if there is no file or it cannot be read.
    pub(super) existing: Option<Existing>,
    pub(super) settings: Settings,
    /// The codex that a deploy would call.
    pub(super) codex: Option<FoundCodex>,
    pub(super) more: More,
}

/// The answer to the examination's own order.
#[derive(Debug, Default)]
pub(super) struct More {
    /// Seconds since 1970 by the clock of the host.
    pub(super) clock: Option<i64>,
    /// Whether the account may write to the Codex home; if that does not exist, to the directory in `nearest`.
    pub(super) writable: bool,
    /// The Codex home, or the nearest directory above it that exists.
    pub(super) nearest: String,
    /// A line of `df -Pk`.
    pub(super) space: String,
    /// What `quota -q` prints about exceeded limits.
    pub(super) quota: String,
    /// The target of auth.json, if that is a symbolic link.
    pub(super) leads_to: String,
    /// The type and the options of the file system of `nearest`, as the kernel prints them.
    pub(super) mount: String,
    /// A line of `df -Pi`.
    pub(super) inodes: String,
    /// Some of the files in the Codex home that belong to another user.
    pub(super) foreign: Vec<String>,
    /// The facts of auth.json by `ls`, which shows whether it has an access list.
    pub(super) listed: Option<FileFacts>,
    /// Whether the account cannot read the file of certificates that a variable names.
    pub(super) unreadable: bool,
    /// Whether the variable with the key of the selected provider is set.
    pub(super) key_is_set: bool,
    /// The lines of startup files that set this variable, if it is not set: `~/.bashrc:12`.
    pub(super) key_lines: Vec<String>,
    /// A codex that is a script and gives codex another home.
    pub(super) wrapper: Option<Wrapper>,
    /// Other shells in which `CODEX_HOME` has another value, and that value.
    pub(super) other_homes: Vec<(&'static str, String)>,
    /// Variables that replace the login and that only other shells have: the shell, and the name.
    pub(super) other_variables: Vec<(&'static str, String)>,
    pub(super) strays: Vec<String>,
    /// Private directories that interrupted deploys or rollbacks have left.
    pub(super) rests: Vec<String>,
    /// The output of `git rev-parse --is-inside-work-tree`, or `no` if that failed; `None` if git is not installed.
    pub(super) git: Option<String>,
    /// Whether a login shell finds codex; `None` if it was not asked or printed no PATH.
    pub(super) login_shell: Option<bool>,
    /// The same for an interactive shell.
    pub(super) terminal: Option<bool>,
    /// Programs that a next step may call and that a plain command finds.
    pub(super) programs: Vec<String>,
    /// The other codexes that were found, with their releases.
    pub(super) others: Vec<FoundCodex>,
    /// Why codex did not print its version, if that is known.
    pub(super) no_release: Option<NoRelease>,
    /// Whether codex was not asked, since no folder for temporary files can be written.
    pub(super) no_scratch: bool,
    /// `TMPDIR`, if it names no folder.
    pub(super) no_tmpdir: Option<String>,
    /// The facts of the codex to call, if the account may not execute it.
    pub(super) denied: Option<FileFacts>,
    pub(super) report: Report,
}

/// Why codex did not print its version.
#[derive(Debug)]
pub(super) enum NoRelease {
    /// The file cannot start.
    CannotStart(CannotStart),
    /// The line of its output that says most.
    Said(String),
}

/// The report of `codex doctor --json`.
#[derive(Debug, Default)]
pub(super) enum Report {
    /// Codex was not asked: it cannot be called, or there is no place for its temporary home.
    #[default]
    NotAsked,
    /// Codex was stopped because it did not answer in time.
    NotInTime,
    /// It ended with this output and exit status.
    Ended(String, i32),
}

impl Facts {
    /// The login on the host, if there is one.
    pub(super) fn login(&self) -> Option<&AuthFile> {
        match &self.existing {
            Some(Existing::Login(login)) => Some(login),
            _ => None,
        }
    }

    /// What is wrong with the content of auth.json.
    pub(super) fn problem(&self) -> Option<&AuthProblem> {
        match &self.existing {
            Some(
                Existing::NotALogin { why } | Existing::Unknown { why } | Existing::Unreadable { why, .. },
            ) => Some(why),
            _ => None,
        }
    }

    /// The facts of auth.json, or of its target if it is a link.
    pub(super) fn file(&self) -> Option<FileFacts> {
        self.look.auth.followed()
    }

    /// A next step that only an administrator can do. With `sudo` on the host, it is a command.
    pub(super) fn as_administrator(&self, command: String) -> Hint {
        match self.look.uid {
            Some(0) => Hint::on_host("", command),
            _ if self.has("sudo") => Hint::on_host("", format!("sudo {command}")),
            _ => Hint::words(format!("as an administrator of the host: {command}")),
        }
    }

    /// Whether a plain command finds this program.
    pub(super) fn has(&self, program: &str) -> bool {
        self.more.programs.iter().any(|found| found == program)
    }
}
