//! The program and the wheel. maturin builds both at once, so every package has the same program.

use super::{Build, call, triple};
use crate::workspace;

/// The oldest glibc that the program may need, as pip names it in the file name of the wheel. Debian 11 has 2.31.
const COMPATIBILITY: &str = "manylinux_2_28";

/// Builds the program, with OpenSSL, libssh2 and zlib inside, and packs it into the wheel.
pub(super) fn build(build: &Build) -> anyhow::Result<()> {
    let manifest = workspace::root().join("codex-remote-auth/Cargo.toml");
    let mut maturin = build.tools.command("maturin")?;
    maturin.args(["build", "--release", "--locked", "--zig", "--compatibility", COMPATIBILITY]);
    // If the program needs a newer glibc or another library, this fails instead of adding the library to the wheel.
    maturin.args(["--auditwheel", "check", "--target", &triple(), "--manifest-path"]).arg(manifest);
    maturin.arg("--out").arg(&build.dist);
    maturin.env("CARGO_TARGET_DIR", &build.target);
    maturin.env("LIBZ_SYS_STATIC", "1");
    maturin.env("SOURCE_DATE_EPOCH", build.release.seconds.to_string());
    call(&mut maturin, "the program and the wheel")
}
