//! One fetch at a time, of which either all remains or nothing.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::index::{Index, Refused, Wanted};
use super::words::{megabytes, name_of};
use super::{Digested, ReleaseProblem, digest};

const LOCK: &str = "lock";

/// What the names of folders begin with in which a fetch works.
const WORK: &str = "fetch-";

/// The right to fetch into a cache, which one process has at a time and loses however it ends.
#[derive(Debug)]
pub(super) struct Turn {
    folder: PathBuf,
    _lock: File,
}

impl Turn {
    /// Waits for it, and removes what a fetch left that was killed.
    pub(super) fn wait_for(folder: &Path, say: &dyn Fn(&str)) -> Result<Self, ReleaseProblem> {
        fs::create_dir_all(folder).map_err(ReleaseProblem::io("cannot make", folder))?;
        let path = folder.join(LOCK);
        let lock = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(ReleaseProblem::io("cannot open", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                say(&format!("waiting for another fetch into {}", folder.display()));
                lock.lock().map_err(ReleaseProblem::io("cannot lock", &path))?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(ReleaseProblem::io("cannot lock", &path)(error));
            }
        }
        let turn = Self { folder: folder.to_owned(), _lock: lock };
        turn.remove_leftovers()?;
        Ok(turn)
    }

    /// A folder for the fetch, on the file system of the cache; gone when it is dropped.
    pub(super) fn work_folder(&self) -> Result<TempDir, ReleaseProblem> {
        let made = tempfile::Builder::new().prefix(WORK).tempdir_in(&self.folder);
        made.map_err(ReleaseProblem::writing(&self.folder.join(WORK), 1))
    }

    /// Brings the wheel, and holds it to what is pinned of it.
    pub(super) fn wheel(
        &self,
        index: &Index,
        wanted: &Wanted<'_>,
        pinned: Option<&Digested>,
        work: &Path,
        say: &dyn Fn(&str),
    ) -> Result<PathBuf, ReleaseProblem> {
        let what = format!("{} {}", wanted.tool, wanted.version);
        match wanted.size {
            Some(size) => say(&format!("fetching {what}: {}", megabytes(size))),
            None => say(&format!("fetching {what} for {}", wanted.platform)),
        }
        match attempt(index, wanted, pinned, &work.join("1")) {
            Ok(wheel) => return Ok(wheel),
            Err(Refused::Problem(problem)) => return Err(problem),
            Err(Refused::Broken(_)) => say(&format!("the transfer of {what} broke off; once more")),
        }
        attempt(index, wanted, pinned, &work.join("2")).map_err(|refused| match refused {
            Refused::Broken(problem) | Refused::Problem(problem) => problem,
        })
    }

    /// Puts a finished folder into the cache, at once and whole.
    pub(super) fn keep(&self, fresh: &Path, kept: &Path) -> Result<(), ReleaseProblem> {
        fs::rename(fresh, kept).map_err(ReleaseProblem::io("cannot put in place", kept))?;
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(ReleaseProblem::io("cannot write", &self.folder))
    }

    /// Only the holder of the lock makes such folders, so whatever is there now belongs to nobody.
    fn remove_leftovers(&self) -> Result<(), ReleaseProblem> {
        let unreadable = |error: io::Error| ReleaseProblem::io("cannot read", &self.folder)(error);
        for entry in fs::read_dir(&self.folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if name_of(&path).starts_with(WORK) {
                fs::remove_dir_all(&path).map_err(ReleaseProblem::io("cannot remove", &path))?;
            }
        }
        Ok(())
    }
}

/// What came of a release has to be what is pinned of it.
pub(super) fn compare(what: &str, pinned: &Digested, got: &Digested) -> Result<(), ReleaseProblem> {
    if pinned == got {
        return Ok(());
    }
    Err(ReleaseProblem::DigestMismatch {
        what: what.to_owned(),
        expected: pinned.to_string(),
        got: got.to_string(),
    })
}

fn attempt(
    index: &Index,
    wanted: &Wanted<'_>,
    pinned: Option<&Digested>,
    folder: &Path,
) -> Result<PathBuf, Refused> {
    let wheel = index.download(wanted, folder)?;
    let Some(pinned) = pinned else { return Ok(wheel) };
    let got = digest::of_file(&wheel).map_err(Refused::Problem)?;
    match compare(&name_of(&wheel), pinned, &got) {
        Ok(()) => Ok(wheel),
        Err(problem) => {
            let _ = fs::remove_file(&wheel);
            // Too short is a transfer that broke off; as long and different is something else.
            Err(if got.size < pinned.size { Refused::Broken(problem) } else { Refused::Problem(problem) })
        }
    }
}
