//! Copying while counting and hashing.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Digested, ReleaseProblem};

const CHUNK: usize = 1 << 18;

/// What broke while copying, and on which side.
#[derive(Debug)]
pub(super) enum CopyProblem {
    Reading(io::Error),
    Writing(io::Error),
}

/// Copies to the end, and says what went through.
pub(super) fn copy(from: &mut dyn Read, to: &mut dyn Write) -> Result<Digested, CopyProblem> {
    let mut chunk = vec![0; CHUNK];
    let mut hash = Sha256::new();
    let mut size = 0;
    loop {
        let read = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyProblem::Reading(error)),
        };
        hash.update(&chunk[..read]);
        to.write_all(&chunk[..read]).map_err(CopyProblem::Writing)?;
        size += read as u64;
    }
    to.flush().map_err(CopyProblem::Writing)?;
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Digested { size, sha256 })
}

/// Size and digest of a file.
pub fn of_file(path: &Path) -> Result<Digested, ReleaseProblem> {
    let mut file = File::open(path).map_err(ReleaseProblem::io("cannot open", path))?;
    copy(&mut file, &mut io::sink()).map_err(|problem| match problem {
        CopyProblem::Reading(error) | CopyProblem::Writing(error) => {
            ReleaseProblem::io("cannot read", path)(error)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a number of bytes, and then is full.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_goes_through_is_counted_and_hashed() {
        let mut to = Vec::new();
        let digested = copy(&mut &b"abc"[..], &mut to).unwrap();
        assert_eq!(to, b"abc");
        assert_eq!(digested.size, 3);
        assert_eq!(digested.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_disk_that_fills_up_is_the_writing_sides_fault() {
        let problem = copy(&mut &b"some bytes"[..], &mut Full(4)).unwrap_err();
        assert!(
            matches!(&problem, CopyProblem::Writing(error) if error.kind() == io::ErrorKind::StorageFull),
            "{problem:?}"
        );
    }
}
