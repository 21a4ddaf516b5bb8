//! `cargo xtask dist`: builds what people install, into `target/dist`.

mod changelog;
mod deb;
mod licences;
mod needs;
mod program;
mod release;
mod sbom;
mod share;
mod sums;
mod tarball;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use clap::Args;
use codex_remote_auth::cli::exit::Verdict;
use codex_remote_auth::{say_line, tell_line};
use harness::target::MissingPrerequisite;

use crate::workspace;
use release::Release;
use tools::Tools;

/// The name of the program and of its package.
const NAME: &str = "codex-remote-auth";

/// Build what people install: a .deb, a wheel, a tar.gz and a package for `cargo install`
#[derive(Debug, Args)]
pub(crate) struct Dist {
    /// Install what was built in containers, and deploy a login from each of them
    #[arg(long)]
    test: bool,
}

/// What a build works with.
struct Build {
    release: Release,
    tools: Tools,
    /// What people install.
    dist: PathBuf,
    /// The compiler's own folder, and below `share` what goes into the packages beside the program.
    target: PathBuf,
}

impl Build {
    /// The folder with what goes into the packages beside the program.
    fn share(&self) -> PathBuf {
        self.target.join("share")
    }

    /// The file with the licences of everything that is linked into the program. It is in the folder that
    /// codex-remote-auth/pyproject.toml names, at the place that it has below the Python environment.
    fn licences(&self) -> PathBuf {
        self.target.join("wheel-data/data/share/doc").join(NAME).join(share::THIRD_PARTY)
    }

    /// The built program.
    fn program(&self) -> PathBuf {
        self.target.join(triple()).join("release").join(NAME)
    }
}

impl Dist {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        if self.test { test() } else { build() }
    }
}

fn build() -> anyhow::Result<Verdict> {
    if !cfg!(target_os = "linux") {
        anyhow::bail!(MissingPrerequisite::new("the packages are built on Linux").remedy("run it on Linux"));
    }
    let release = Release::of_checkout(&workspace::root())?;
    say_line!("{NAME} {}", release.describe());
    let target = workspace::root().join("target");
    let dist = target.join("dist");
    // A file of an earlier version would get into the checksums.
    if dist.exists() {
        fs::remove_dir_all(&dist).with_context(|| format!("cannot empty {}", dist.display()))?;
    }
    fs::create_dir_all(&dist).with_context(|| format!("cannot create {}", dist.display()))?;
    let tools = Tools::install(&target.join("dist-tools"))?;
    let build = Build { release, tools, dist, target: target.join("dist-build") };

    licences::write(&build.licences())?;
    program::build(&build)?;
    let needs = needs::checked(&build.program())?;
    share::write(&build)?;
    tarball::write(&build)?;
    deb::write(&build)?;
    package(&build)?;
    sbom::write(&build)?;
    let notes = build.dist.join("RELEASE-NOTES.md");
    fs::write(&notes, format!("{}\n", build.release.notes))
        .with_context(|| format!("cannot write {}", notes.display()))?;
    sums::write(&build.dist)?;
    for (name, size) in sums::files(&build.dist)? {
        say_line!("{:>9.1} MiB  target/dist/{name}", size as f64 / f64::from(1 << 20));
    }
    say_line!("the program needs glibc {needs} or later");
    Ok(Verdict::Holds)
}

/// The package for `cargo install`. A CI step of its own builds from it; `--test` does so in a container.
fn package(build: &Build) -> anyhow::Result<()> {
    let mut cargo = cargo(&build.target);
    cargo.args(["package", "--locked", "--no-verify", "--package", NAME]);
    // A tag names a commit, and the package then has to be what that commit has.
    if !build.release.tagged {
        cargo.arg("--allow-dirty");
    }
    call(&mut cargo, "the package for `cargo install`")?;
    let name = format!("{NAME}-{}.crate", build.release.version);
    copy(&build.target.join("package").join(&name), &build.dist.join(name))
}

/// Installs each file of `target/dist` in a container, and deploys from there.
fn test() -> anyhow::Result<Verdict> {
    let status = cargo(&workspace::root().join("target"))
        .args(["test", "--locked", "--package", "tests", "--test", "dist"])
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        tell_line!("error: what is in target/dist does not pass");
    }
    Ok(Verdict::from(status.success()))
}

/// A call of cargo in the checkout with this target folder.
fn cargo(target: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace::root()).env("CARGO_TARGET_DIR", target);
    cargo
}

/// What the compiler calls this machine. Packages are built for it.
fn triple() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// Runs a program. Everything that it prints goes to standard error.
fn call(command: &mut Command, what: &str) -> anyhow::Result<()> {
    tell_line!("== {what}");
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.stdout(std::io::stderr()).status().with_context(|| format!("cannot run {name}"))?;
    anyhow::ensure!(status.success(), "{what}: {name} failed ({status}); its own message is above");
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}
