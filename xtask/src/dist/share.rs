//! What goes into the packages beside the program: manual pages, completions, licences, and what Debian wants.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::{Build, NAME, call, changelog, copy};
use crate::workspace;

/// The shells, and the name that each gives to the file with the completions of a program.
const SHELLS: [(&str, &str); 4] = [
    ("bash", "codex-remote-auth"),
    ("zsh", "_codex-remote-auth"),
    ("fish", "codex-remote-auth.fish"),
    ("powershell", "_codex-remote-auth.ps1"),
];

/// Who maintains the .deb; [`deb`](super::deb) tells cargo-deb.
pub(super) const MAINTAINER: &str =
    "The codex-remote-auth contributors <maintainers@codex-remote-auth.invalid>";

/// The revision of the Debian package of one version.
pub(super) const REVISION: &str = "1";

/// The file with the licences of everything that is linked into the program.
pub(super) const THIRD_PARTY: &str = "THIRD-PARTY-LICENSES.txt";

/// Writes it all into the folder `share`.
pub(super) fn write(build: &Build) -> anyhow::Result<()> {
    let share = build.share();
    if share.exists() {
        fs::remove_dir_all(&share).with_context(|| format!("cannot empty {}", share.display()))?;
    }
    let create = |name: &str| {
        let folder = share.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        anyhow::Ok(folder)
    };
    let (man, completions, debian) = (create("man")?, create("completions")?, create("debian")?);
    call(Command::new(build.program()).arg("man").arg(&man), "the manual pages")?;
    for (shell, file) in SHELLS {
        let output = Command::new(build.program()).args(["completions", shell]).output();
        let output = output.with_context(|| format!("cannot run the built {NAME}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "the completions for {shell} cannot be made: {said}");
        put(&completions.join(file), &output.stdout)?;
    }
    for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&workspace::root().join(file), &share.join(file))?;
    }
    copy(&build.licences(), &share.join(THIRD_PARTY))?;
    put(&debian.join("copyright"), copyright()?.as_bytes())?;
    let release = &build.release;
    let version = format!("{}-{REVISION}", release.version);
    let entry =
        changelog::debian(NAME, &version, release.tagged, &release.notes, MAINTAINER, release.seconds);
    put(&debian.join("changelog"), entry.as_bytes())
}

/// The file `copyright` of the .deb, in Debian's format.
fn copyright() -> anyhow::Result<String> {
    let mit = fs::read_to_string(workspace::root().join("LICENSE-MIT")).context("cannot read LICENSE-MIT")?;
    let (head, text) =
        mit.split_once("\n\nPermission").context("LICENSE-MIT does not look like the MIT license")?;
    let holder = head.lines().find_map(|line| line.strip_prefix("Copyright (c) "));
    let holder = holder.context("LICENSE-MIT names no holder of the copyright")?;
    let mut indented = String::new();
    for line in format!("Permission{text}").lines() {
        indented.push_str(if line.is_empty() { " ." } else { " " });
        indented.push_str(line);
        indented.push('\n');
    }
    Ok(format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: {NAME}\n\
         Comment: The licenses of the libraries that are linked into the program are in\n \
         /usr/share/doc/{NAME}/{THIRD_PARTY}.\n\n\
         Files: *\nCopyright: {holder}\nLicense: MIT or Apache-2.0\n\n\
         License: MIT\n{indented}\n\
         License: Apache-2.0\n On Debian systems, the text of the Apache License, Version 2.0, is in\n \
         /usr/share/common-licenses/Apache-2.0.\n"
    ))
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
