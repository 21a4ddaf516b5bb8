//! A disk that is full is told apart from every other refusal, with the way out.

use std::io;
use std::path::Path;

use super::words::{megabytes, name_of};
use super::{Pin, ReleaseProblem};

impl ReleaseProblem {
    /// As [`Self::io`], for what takes room.
    pub(super) fn writing(path: &Path, need: u64) -> impl FnOnce(io::Error) -> Self {
        move |error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace {
                what: name_of(path),
                folder: path.parent().unwrap_or(path).to_owned(),
                need: megabytes(need),
            },
            _ => Self::Io { doing: "cannot write", path: path.to_owned(), error },
        }
    }

    /// Where the disk was full, tells what a fetch takes at its height, and where, however far it had come.
    pub(super) fn with_room_of_a_fetch(self, cache: &Path, pin: Option<&Pin>) -> Self {
        const UNPINNED: u64 = 1_000_000_000;
        match self {
            Self::NoSpace { what, .. } => {
                let need = pin.map_or(UNPINNED, |pin| pin.size + pin.program.size);
                Self::NoSpace { what, folder: cache.to_owned(), need: megabytes(need) }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_from_any_other_refusal() {
        let path = Path::new("/cache/fetch-x/codex");
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let problem = ReleaseProblem::writing(path, 296_865_480)(kind.into());
            let said = problem.to_string();
            assert!(matches!(problem, ReleaseProblem::NoSpace { .. }), "{said}");
            for word in ["/cache/fetch-x", "297 MB", "XDG_CACHE_HOME"] {
                assert!(said.contains(word), "{said}");
            }
        }
        let other = ReleaseProblem::writing(path, 1)(io::ErrorKind::PermissionDenied.into());
        assert!(matches!(other, ReleaseProblem::Io { .. }), "{other}");
    }
}
