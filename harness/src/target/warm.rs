//! A container that stays up between runs, so that the next one need not start it. It ends by itself when nobody uses it.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::container::Container;
use super::private_file::write_private;
use super::rig_problem::RigProblem;
use super::run_lock::WARM;
use super::runtime_dir::runtime_dir;
use super::ticket::{Numbers, Ticket};
use super::{Engine, MissingPrerequisite};

/// The place where processes find a shared container: a private folder with its ticket, and with the numbers of its accounts.
#[derive(Debug)]
pub struct Warm {
    folder: PathBuf,
}

impl Warm {
    /// The place of this name. Only processes of the same account can find it.
    ///
    /// # Errors
    /// [`MissingPrerequisite`] if there is no usable runtime folder.
    pub fn at(name: &str) -> Result<Self, MissingPrerequisite> {
        let folder = runtime_dir()?.join(format!("{WARM}{name}"));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(lacks(&folder, &error)),
            _ => Ok(Self { folder }),
        }
    }

    /// The container of this place, if one is up; else the one that `start` starts, which must end by itself. Others wait meanwhile.
    ///
    /// # Errors
    /// What `start` returns, and [`MissingPrerequisite`] if the folder cannot be used.
    pub fn container<'e>(
        &self,
        engine: &'e Engine,
        start: impl FnOnce() -> Result<Container<'e>, RigProblem>,
    ) -> Result<Container<'e>, RigProblem> {
        let lacks = |error: io::Error| lacks(&self.folder, &error);
        let lock = File::create(self.folder.join("lock")).map_err(lacks)?;
        lock.lock().map_err(lacks)?;
        let (ticket, numbers) = (self.folder.join("ticket"), self.folder.join("numbers"));
        if let Some(known) =
            fs::read(&ticket).ok().and_then(|bytes| serde_json::from_slice::<Ticket>(&bytes).ok())
            && let Ok(container) = Container::join(engine, &known, Numbers::shared(numbers.clone()))
        {
            return Ok(container);
        }
        // What is left of a container that has ended. Its successor counts its accounts from 1.
        for file in [&ticket, &numbers] {
            let _ = fs::remove_file(file);
        }
        let container = start()?;
        let text = serde_json::to_vec(&container.ticket()).map_err(|error| lacks(error.into()))?;
        write_private(&ticket, &text).map_err(lacks)?;
        Ok(container.shared(Numbers::shared(numbers)))
    }
}

fn lacks(folder: &Path, error: &io::Error) -> MissingPrerequisite {
    MissingPrerequisite::new(format!("{} cannot be used: {error}", folder.display()))
        .remedy("make sure that its folder is writable and has free space")
}
