//! The list of everything that is in the program, for other programs (an SBOM in CycloneDX's format). maturin writes it into the
//! wheel, and this takes it out.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;

use super::{Build, NAME, call};
use crate::workspace;

/// Copies the list out of the wheel.
pub(super) fn write(build: &Build) -> anyhow::Result<()> {
    let unpacked = build.target.join("wheel");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).with_context(|| format!("cannot empty {}", unpacked.display()))?;
    }
    let wheel = find(&build.dist, |name| name.ends_with(".whl"))?;
    let mut python = build.tools.command("python")?;
    call(
        python.args(["-m", "zipfile", "-e"]).arg(wheel).arg(&unpacked),
        "the list of what is in the program",
    )?;
    let about = find(&unpacked, |name| name.ends_with(".dist-info"))?;
    let list = find(&about.join("sboms"), |name| name.ends_with(".cyclonedx.json"))?;
    let text = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    // OpenSSL is the part that people will look for.
    anyhow::ensure!(text.contains("\"openssl-src\""), "{} does not name openssl-src", list.display());
    // Where this checkout is does not matter to anyone.
    let text = text.replace(&workspace::root().display().to_string(), "");
    let path = build.dist.join(format!("{NAME}-{}.cyclonedx.json", build.release.version));
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The one entry of a folder with such a name.
fn find(folder: &std::path::Path, wanted: impl Fn(&str) -> bool) -> anyhow::Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found = entries.filter_map(Result::ok).map(|entry| entry.path());
    found
        .find(|path| path.file_name().is_some_and(|name| wanted(&name.to_string_lossy())))
        .with_context(|| format!("what maturin writes is missing in {}", folder.display()))
}
