//! Shows that a run is alive: by a lock that the system releases however the run ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use super::MissingPrerequisite;
use super::runtime_dir::runtime_dir;

/// The name of one run: twelve hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId(pub(super) String);

impl RunId {
    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A lock that all runs of this user share. The system releases it however this process ends. `wait` is called first if another run has it.
///
/// # Errors
/// [`MissingPrerequisite`] if it cannot be locked.
pub(super) fn shared_lock(name: &str, wait: impl FnOnce()) -> Result<File, MissingPrerequisite> {
    let path = runtime_dir()?.join(name);
    let lacks = |error: io::Error| {
        MissingPrerequisite::new(format!("{} cannot be locked: {error}", path.display()))
            .remedy("make sure that its folder is writable and has free space")
    };
    let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(lacks)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            wait();
            lock.lock().map_err(lacks)?;
        }
        Err(TryLockError::Error(error)) => return Err(lacks(error)),
    }
    Ok(lock)
}

/// The run of this process, for the cleanup after an interruption.
static OWN: OnceLock<RunId> = OnceLock::new();

/// The first run that this process began, if any.
pub(super) fn own() -> Option<&'static RunId> {
    OWN.get()
}

/// A run's name, its lock, and its folder. Dropping it removes the folder. Otherwise a later sweep does.
#[derive(Debug)]
pub struct RunLock {
    id: RunId,
    folder: PathBuf,
    _lock: File,
}

const LOCK: &str = "lock";

/// The prefix of the folders that belong to kept containers.
const KEPT: &str = "kept-";

/// The prefix of the folders of containers that end by themselves.
pub(super) const WARM: &str = "warm-";

/// How old such a folder is when its container has certainly ended. A container lives for half an hour, or as long as it is used.
const OVER: Duration = Duration::from_secs(24 * 3_600);

impl RunLock {
    /// Begins a run.
    ///
    /// # Errors
    /// [`MissingPrerequisite`] if there is no usable runtime folder.
    pub fn acquire() -> Result<Self, MissingPrerequisite> {
        let runtime = runtime_dir()?;
        let lacks = |error: io::Error| {
            MissingPrerequisite::new(format!("a run cannot be begun in {}: {error}", runtime.display()))
                .remedy("free some space there")
        };
        let random = getrandom::u64().map_err(|error| lacks(io::Error::other(error.to_string())))?;
        let id = RunId(format!("{:012x}", random >> 16));
        // It has another name until it is locked. Otherwise the sweep of another run would treat it as dead.
        let fresh = runtime.join(format!("new-{}", id.0));
        fs::create_dir(&fresh).map_err(lacks)?;
        let lock = File::create(fresh.join(LOCK)).map_err(lacks)?;
        lock.try_lock().map_err(|error| lacks(error.into()))?;
        let folder = runtime.join(format!("run-{}", id.0));
        fs::rename(&fresh, &folder).map_err(lacks)?;
        let _ = OWN.set(id.clone());
        Ok(Self { id, folder, _lock: lock })
    }

    /// The run's name.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// The run's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A folder for files that must outlive the run, as long as its kept container exists.
    ///
    /// # Errors
    /// The system's error if it cannot be created.
    pub fn kept_folder(&self) -> io::Result<PathBuf> {
        let folder = self.folder.with_file_name(format!("{KEPT}{}", self.id.0));
        fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// Removes the folder, and with it the lock that shows that the run is alive.
    pub fn end(&self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether the run of that name is over.
pub(super) fn is_over(runtime: &Path, id: &str) -> bool {
    match File::open(runtime.join(format!("run-{id}")).join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        // Any other error: do not treat a run as dead on a guess.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Removes the folders of runs that are over. `kept` includes the folders of containers that outlive their run.
pub(super) fn remove_folders(runtime: &Path, kept: bool) {
    let Ok(entries) = fs::read_dir(runtime) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let over = name.strip_prefix("run-").is_some_and(|id| is_over(runtime, id));
        let age = || entry.metadata().and_then(|metadata| metadata.modified()).ok()?.elapsed().ok();
        let is_old = name.starts_with(WARM) && age().is_some_and(|age| age > OVER);
        if over || is_old || (kept && (name.starts_with(KEPT) || name.starts_with(WARM))) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_alive_until_it_is_dropped_and_then_nothing_of_it_is_left() {
        let run = RunLock::acquire().unwrap();
        let runtime = runtime_dir().unwrap();
        let (id, folder) = (run.id().clone(), run.folder().to_owned());
        assert!(!is_over(&runtime, id.as_str()));
        remove_folders(&runtime, false);
        assert!(folder.exists());
        drop(run);
        assert!(is_over(&runtime, id.as_str()));
        assert!(!folder.exists());
    }
}
