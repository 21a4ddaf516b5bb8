//! Undoes a deploy that kept the file it replaced.

use crate::remote::{Conversation, FileFacts, Force, Kind, Look, Refusal, RemoteError, RemoteState, Script};
use crate::ssh::{Deadline, Session};

/// The result of a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// The path of the restored login.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// Its size in bytes.
    pub size: u64,
    /// Whether there was a login in use, which is the backup now.
    pub has_backup: bool,
    /// Whether the restored login is an older state of the one that it replaced.
    pub is_older: bool,
}

/// Restores the file that the last deploy with a backup replaced, and keeps the current one, so a second rollback
/// undoes the first. At every moment, auth.json is one of the two, complete.
///
/// # Errors
/// [`Refusal::NoBackup`] if no deploy kept a file, and the errors of a deploy.
pub fn rollback(session: &Session, deadline: Deadline) -> Result<Rollback, RemoteError> {
    rollback_with_script(session, deadline, &Script::default())
}

/// Like [`rollback`], with another script. Tests use this to break it.
///
/// # Errors
/// As [`rollback`].
pub fn rollback_with_script(
    session: &Session,
    deadline: Deadline,
    script: &Script,
) -> Result<Rollback, RemoteError> {
    let untouched = |problem| RemoteError::of(problem, RemoteState::Untouched);
    let during = |problem| RemoteError::of(problem, RemoteState::OldOrNew);
    let (mut talk, mut look) =
        Conversation::start(session, script, "the rollback", deadline).map_err(untouched)?;
    check(&look)?;
    talk.close_home(&mut look, deadline)?;
    talk.order("restore || exit 1");
    talk.wait_for("done", deadline).map_err(during)?;
    let file = talk.said().fact("file").and_then(FileFacts::parse);
    let file = file.ok_or_else(|| RemoteError::Unknown {
        code: "no-answer".to_owned(),
        detail: "it did not report the restored file".to_owned(),
        state: RemoteState::New,
    })?;
    talk.stop();
    Ok(Rollback {
        path: look.auth_path(),
        mode: file.mode,
        size: file.size,
        has_backup: look.auth.is_there(),
        is_older: look.backup_is_older(),
    })
}

fn check(look: &Look) -> Result<(), Refusal> {
    look.check_home(&Force::default())?;
    let before = format!("{}.before", look.auth_path());
    match look.before.facts() {
        Some(FileFacts { kind: Kind::File, .. }) => {}
        None if look.before.is_there() => {
            return Err(Refusal::CannotTell { what: "what kind of file auth.json.before is" });
        }
        _ => return Err(Refusal::NoBackup { path: before }),
    }
    look.check_backup()?;
    match look.auth_kind()? {
        None | Some(Kind::File) if look.has_digest => Ok(()),
        None | Some(Kind::File) => Err(Refusal::NoDigestTool),
        Some(Kind::Link) => Err(Refusal::AuthIsALink { path: look.auth_path() }),
        Some(Kind::Directory | Kind::Other) => Err(Refusal::AuthNotAFile { path: look.auth_path() }),
    }
}
