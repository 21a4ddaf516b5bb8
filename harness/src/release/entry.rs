//! What the cache knows of a program that it keeps, and whether that still holds.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Digested, ReleaseProblem, digest};

/// The format of [`Entry`]. One that changes its meaning takes the next number.
const FORMAT: u64 = 1;

const FILE: &str = "entry.json";

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    format: u64,
    tool: String,
    version: String,
    size: u64,
    sha256: String,
    modified_ns: i64,
}

/// The format alone, which is all that another version's entry can be asked for.
#[derive(Deserialize)]
struct Format {
    format: u64,
}

/// The folder of one release in the cache.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) folder: PathBuf,
    pub(super) program: &'static str,
}

/// What a look at it came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Absent,
    /// The program is there, and these are its bytes.
    Whole(Digested),
    /// It must not be used, for this reason.
    Altered(String),
}

impl Kept {
    pub(super) fn program(&self) -> PathBuf {
        self.folder.join(self.program)
    }

    /// Looks whether the program is what it was, and where something is pinned, what is pinned.
    pub(super) fn look(&self, pinned: Option<&Digested>) -> Result<State, ReleaseProblem> {
        if !self.folder.exists() {
            return Ok(State::Absent);
        }
        let Some(entry) = self.read()? else {
            return Ok(State::Altered(format!("its {FILE} cannot be read")));
        };
        let noted = Digested { size: entry.size, sha256: entry.sha256.clone() };
        if pinned.is_some_and(|pinned| *pinned != noted) {
            return Ok(State::Altered(format!("its {FILE} tells of {noted}")));
        }
        let program = self.program();
        match fs::symlink_metadata(&program) {
            Ok(metadata) if !metadata.is_file() => {
                return Ok(State::Altered("the program is no regular file".to_owned()));
            }
            Ok(metadata) if untouched(&metadata, &entry) => return Ok(State::Whole(noted)),
            Ok(_) => {}
            Err(error) => return Ok(State::Altered(format!("the program is not there: {error}"))),
        }
        let found = digest::of_file(&program)?;
        if found != noted {
            return Ok(State::Altered(format!("the program is {found}")));
        }
        // The same bytes with another time, as after a copy of the cache: noted, so as not to hash them each time.
        self.seal(&entry.tool, &entry.version, &noted)?;
        Ok(State::Whole(noted))
    }

    /// Makes the program executable, notes what it is, and sees to it that both outlive a power cut.
    pub(super) fn seal(&self, tool: &str, version: &str, noted: &Digested) -> Result<(), ReleaseProblem> {
        let program = self.program();
        let refused = |error| ReleaseProblem::writing(&program, noted.size)(error);
        fs::set_permissions(&program, Permissions::from_mode(0o755)).map_err(refused)?;
        let metadata = fs::metadata(&program).map_err(refused)?;
        let entry = Entry {
            format: FORMAT,
            tool: tool.to_owned(),
            version: version.to_owned(),
            size: noted.size,
            sha256: noted.sha256.clone(),
            modified_ns: modified_ns(&metadata),
        };
        let path = self.folder.join(FILE);
        write_whole(&self.folder, &path, &entry).map_err(ReleaseProblem::writing(&path, 1))
    }

    /// The entry; nothing where there is none that makes sense.
    fn read(&self) -> Result<Option<Entry>, ReleaseProblem> {
        let path = self.folder.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ReleaseProblem::io("cannot read", &path)(error)),
        };
        match serde_json::from_slice::<Format>(&bytes) {
            Ok(Format { format }) if format != FORMAT => Err(ReleaseProblem::OtherFormat {
                path,
                folder: self.folder.clone(),
                found: format,
                expected: FORMAT,
            }),
            _ => Ok(serde_json::from_slice(&bytes).ok()),
        }
    }
}

fn untouched(metadata: &fs::Metadata, entry: &Entry) -> bool {
    metadata.len() == entry.size
        && modified_ns(metadata) == entry.modified_ns
        && metadata.permissions().mode() & 0o777 == 0o755
}

fn modified_ns(metadata: &fs::Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec())
}

/// Beside it first and then renamed: two runs that look at once never see half of it.
fn write_whole(folder: &Path, path: &Path, entry: &Entry) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, entry)?;
    file.as_file_mut().flush()?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn kept(bytes: &[u8]) -> (tempfile::TempDir, Kept, Digested) {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept { folder: folder.path().to_owned(), program: "codex" };
        fs::write(kept.program(), bytes).unwrap();
        let noted = digest::of_file(&kept.program()).unwrap();
        kept.seal("codex", "0.163.0", &noted).unwrap();
        (folder, kept, noted)
    }

    fn age(kept: &Kept) {
        let file = File::options().write(true).open(kept.program()).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(90)).unwrap();
    }

    #[test]
    fn what_was_sealed_is_whole_and_executable() {
        let (_folder, kept, noted) = kept(b"program");
        assert_eq!(kept.look(Some(&noted)).unwrap(), State::Whole(noted.clone()));
        assert_eq!(fs::metadata(kept.program()).unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn another_time_alone_is_hashed_once_and_then_noted() {
        let (_folder, kept, noted) = kept(b"program");
        age(&kept);
        let entry = || kept.read().unwrap().unwrap().modified_ns;
        let before = entry();
        assert_eq!(kept.look(None).unwrap(), State::Whole(noted.clone()));
        assert_ne!(entry(), before);
        assert_eq!(kept.look(None).unwrap(), State::Whole(noted));
    }

    #[test]
    fn other_bytes_of_the_same_length_are_noticed() {
        let (_folder, kept, _) = kept(b"program");
        fs::write(kept.program(), b"PROGRAM").unwrap();
        age(&kept);
        assert!(
            matches!(kept.look(None).unwrap(), State::Altered(why) if why.contains("the program is 7 bytes"))
        );
    }

    #[test]
    fn an_entry_that_tells_of_something_else_than_is_pinned_is_not_believed() {
        let (_folder, kept, noted) = kept(b"program");
        let other = Digested { sha256: "0".repeat(64), ..noted };
        assert!(matches!(kept.look(Some(&other)).unwrap(), State::Altered(_)));
    }

    #[test]
    fn an_entry_that_is_gone_or_makes_no_sense_is_not_believed() {
        for content in [None, Some("{"), Some("{\"format\": 1}")] {
            let (_folder, kept, _) = kept(b"program");
            let path = kept.folder.join(FILE);
            match content {
                None => fs::remove_file(path).unwrap(),
                Some(text) => fs::write(path, text).unwrap(),
            }
            assert!(matches!(kept.look(None).unwrap(), State::Altered(_)), "{content:?}");
        }
    }
}
