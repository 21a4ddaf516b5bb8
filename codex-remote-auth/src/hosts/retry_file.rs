//! The file with failed hosts, to try them again. No host is lost from it: a host is removed only once it is done.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::host_list::host_of;
use super::{Hosts, HostsProblem};
use crate::message::plain_words;

/// The file with failed hosts. It was checked to be readable, and to be writable if it will be written.
#[derive(Debug)]
pub struct RetryFile {
    /// As the caller gave it, for messages.
    path: PathBuf,
    /// The real file, if the path is a link.
    real: PathBuf,
    writes: bool,
}

impl RetryFile {
    /// Checks, before the work on any host begins, that the file can be read if it exists, and can be written if
    /// `writes`.
    ///
    /// # Errors
    /// [`HostsProblem::Unreadable`] and [`HostsProblem::NoRetryFile`].
    pub fn open(path: &Path, writes: bool) -> Result<Self, HostsProblem> {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let file = Self { path: path.to_owned(), real, writes };
        file.text()?;
        if writes {
            // This temporary file is removed immediately. `update` replaces the file with one like it, so a full disk
            // leaves the old file.
            file.new_one().map_err(|error| HostsProblem::NoRetryFile {
                path: file.path.clone(),
                reason: plain_words(&error),
            })?;
        }
        Ok(file)
    }

    /// The hosts in the file; none if the file does not exist.
    ///
    /// # Errors
    /// [`HostsProblem::Unreadable`] and [`HostsProblem::NoHost`].
    pub fn hosts(&self) -> Result<Hosts, HostsProblem> {
        let mut hosts = Hosts::default();
        hosts.add_lines(&self.text()?, &self.path)?;
        Ok(hosts)
    }

    /// Whether `other` is the same file.
    pub fn is(&self, other: &Path) -> bool {
        fs::canonicalize(other).is_ok_and(|other| other == self.real)
    }

    /// Whether [`update`](Self::update) changes it.
    pub fn writes(&self) -> bool {
        self.writes
    }

    /// The path as the caller gave it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the hosts that are done, and adds those that failed. Every other line stays. Does nothing if the file is
    /// not written.
    ///
    /// # Errors
    /// [`HostsProblem::Unreadable`] and [`HostsProblem::Unwritable`]; the file is then unchanged.
    pub fn update(&self, done: &[&str], failed: &[&str]) -> Result<(), HostsProblem> {
        if !self.writes {
            return Ok(());
        }
        // Read again, since another run may have added hosts meanwhile.
        let before = self.text()?;
        let mut kept = Hosts::default();
        let mut text = String::new();
        for line in before.lines() {
            if host_of(line).is_none_or(|host| !done.contains(&host)) {
                host_of(line.trim_start_matches('\u{feff}')).into_iter().for_each(|host| kept.add(host));
                text.push_str(line);
                text.push('\n');
            }
        }
        for host in failed {
            if !kept.names().iter().any(|known| known == host) {
                text.push_str(host);
                text.push('\n');
            }
        }
        self.replace(&text).map_err(|error| HostsProblem::Unwritable {
            path: self.path.clone(),
            reason: plain_words(&error),
        })
    }

    fn text(&self) -> Result<String, HostsProblem> {
        let read = match fs::metadata(&self.real) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
            // Reading a pipe or a terminal would wait.
            Ok(found) if !found.is_file() => Err(io::Error::other("it is not a regular file")),
            _ => fs::read_to_string(&self.real),
        };
        read.map_err(|error| HostsProblem::Unreadable {
            path: self.path.clone(),
            reason: plain_words(&error),
        })
    }

    fn new_one(&self) -> io::Result<NamedTempFile> {
        let folder = self.real.parent().filter(|folder| !folder.as_os_str().is_empty());
        let usual = Permissions::from_mode(0o666);
        Builder::new().prefix(".hosts-").permissions(usual).tempfile_in(folder.unwrap_or(Path::new(".")))
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        let mut new = self.new_one()?;
        if let Ok(old) = fs::metadata(&self.real) {
            new.as_file().set_permissions(old.permissions())?;
        }
        new.write_all(text.as_bytes())?;
        new.as_file().sync_all()?;
        let _: File = new.persist(&self.real)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(before: Option<&str>, done: &[&str], failed: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("failed");
        if let Some(text) = before {
            fs::write(&path, text).unwrap();
        }
        RetryFile::open(&path, true).unwrap().update(done, failed).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file is left");
        fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn a_host_is_removed_only_once_it_is_done() {
        assert_eq!(after(None, &["a"], &["b"]), "b\n");
        assert_eq!(after(Some("a\nb\n"), &["c"], &[]), "a\nb\n");
        assert_eq!(after(Some("a\nb\n"), &["a"], &["c", "b"]), "b\nc\n");
        assert_eq!(after(Some("# mine\na # first\n\nb"), &["a"], &["b"]), "# mine\n\nb\n");
        assert_eq!(after(Some("a\n"), &["a"], &[]), "");
    }

    #[test]
    fn only_a_file_that_is_opened_for_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("failed");
        fs::write(&path, "a\n").unwrap();
        for writes in [false, true] {
            let file = RetryFile::open(&path, writes).unwrap();
            assert_eq!(file.writes(), writes);
            file.update(&["a"], &[]).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), if writes { "" } else { "a\n" });
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_taken_for_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("failed");
        fs::write(&path, [0xff]).unwrap();
        let opened = RetryFile::open(&path, true).and_then(|file| file.hosts());
        assert!(matches!(opened, Err(HostsProblem::Unreadable { .. })), "{opened:?}");
        // The system cannot even look at this one.
        let below = RetryFile::open(&path.join("below"), false).and_then(|file| file.hosts());
        assert!(matches!(below, Err(HostsProblem::Unreadable { .. })), "{below:?}");
    }

    #[test]
    fn a_link_stays_a_link_and_the_mode_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "a\n").unwrap();
        fs::set_permissions(&real, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        RetryFile::open(&link, true).unwrap().update(&[], &["b"]).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "a\nb\n");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_file_that_is_only_read_is_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("failed");
        RetryFile::open(&path, false).unwrap().update(&[], &["b"]).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn an_unusable_file_is_a_problem_before_anything_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("no/failed");
        assert!(matches!(RetryFile::open(&nowhere, true), Err(HostsProblem::NoRetryFile { .. })));
        for there in [folder.path(), Path::new("/dev/null")] {
            let problem = RetryFile::open(there, false).unwrap_err();
            assert!(problem.to_string().contains("it is not a regular file"), "{problem}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_replaced_is_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("failed");
        fs::write(&path, "a\n").unwrap();
        let file = RetryFile::open(&path, true).unwrap();
        let moved = folder.path().with_extension("moved");
        fs::rename(folder.path(), &moved).unwrap();
        let problem = file.update(&[], &["b"]).unwrap_err();
        fs::rename(&moved, folder.path()).unwrap();
        assert!(matches!(problem, HostsProblem::Unwritable { .. }), "{problem}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
    }
}
