//! The releases of the stub's eras, as version numbers. The stub's own `ERAS` names them.

use codex_stub::Release;
use semver::Version;

/// One release of each era that the stub plays: the oldest, one in the middle, and the newest.
pub const ERAS: [Version; 3] =
    [version_of(codex_stub::ERAS[0]), version_of(codex_stub::ERAS[1]), newest_release()];

/// The release that a run plays unless told otherwise.
pub const fn newest_release() -> Version {
    version_of(codex_stub::NEWEST)
}

const fn version_of(release: Release) -> Version {
    let [major, minor, patch] = release.numbers();
    Version::new(major as u64, minor as u64, patch as u64)
}
