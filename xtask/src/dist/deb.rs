//! The Debian package. codex-remote-auth/Cargo.toml says what is in it.

use super::share::{MAINTAINER, REVISION};
use super::{Build, NAME, call, triple};
use crate::workspace;

/// Packs the program that is already built.
pub(super) fn write(build: &Build) -> anyhow::Result<()> {
    let mut cargo_deb = build.tools.command("cargo-deb")?;
    cargo_deb.args(["--no-build", "--no-strip", "--package", NAME, "--target", &triple()]);
    cargo_deb.args(["--maintainer", MAINTAINER, "--deb-revision", REVISION, "--output"]).arg(&build.dist);
    cargo_deb.current_dir(workspace::root()).env("CARGO_TARGET_DIR", &build.target);
    cargo_deb.env("SOURCE_DATE_EPOCH", build.release.seconds.to_string());
    call(&mut cargo_deb, "the .deb")
}
