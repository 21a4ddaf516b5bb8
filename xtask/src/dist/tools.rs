//! The tools that a build needs. Each has one version, and a folder in `target/dist-tools`: nothing of the person's own is used or
//! changed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use harness::target::MissingPrerequisite;

use super::call;

/// What pip installs: maturin, the compiler that knows older versions of glibc, and uv for the tests.
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// What cargo installs.
const CARGO_DEB: &str = "cargo-deb@3.8.0";

/// The installed tools.
pub(super) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Installs what is not installed yet.
    pub(super) fn install(folder: &Path) -> anyhow::Result<Self> {
        let tools = Self { folder: folder.to_owned() };
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for program in ["perl", "make"] {
            if !is_on_path(program) {
                let what = format!("OpenSSL is built from source, which needs {program}");
                anyhow::bail!(
                    MissingPrerequisite::new(what).remedy(format!("sudo apt-get install {program}"))
                );
            }
        }
        tools.install_python()?;
        // Does nothing if this version is already there.
        let mut cargo = super::cargo(&folder.join("build"));
        cargo.args(["install", "--locked", "--quiet", CARGO_DEB, "--root"]).arg(folder.join("cargo"));
        call(&mut cargo, &format!("{CARGO_DEB} is installed"))?;
        Ok(tools)
    }

    fn install_python(&self) -> anyhow::Result<()> {
        let python = self.folder.join("python");
        let complete = python.join("requirements.txt");
        if fs::read_to_string(&complete).is_ok_and(|installed| installed == REQUIREMENTS) {
            return Ok(());
        }
        let lacks = |error: anyhow::Error| {
            MissingPrerequisite::new("there is no Python that can make a virtual environment")
                .tried(format!("python3 -m venv: {error}"))
                .remedy("sudo apt-get install python3-venv")
        };
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(&python);
        call(&mut venv, "a Python environment for the tools").map_err(lacks)?;
        let wanted = python.join("wanted.txt");
        fs::write(&wanted, REQUIREMENTS).context("cannot write the list of tools")?;
        let mut pip = Command::new(python.join("bin/pip"));
        pip.args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--only-binary=:all:",
        ]);
        call(pip.arg("--requirement").arg(&wanted), "the tools from the Python package index")?;
        // Only now: an installation that was interrupted is done again.
        fs::rename(&wanted, &complete).context("cannot write the list of tools")
    }

    /// A call of one of the tools, with the others on its PATH.
    pub(super) fn command(&self, name: &str) -> anyhow::Result<Command> {
        let folders = [self.folder.join("python/bin"), self.folder.join("cargo/bin")];
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let path: OsString =
            std::env::join_paths(folders.iter().cloned().chain(std::env::split_paths(&rest)))?;
        let found = folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file());
        let mut command = Command::new(found.with_context(|| format!("{name} was not installed"))?);
        command.env("PATH", path);
        // What zig keeps belongs to the tools, too.
        for variable in ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR", "CARGO_ZIGBUILD_CACHE_DIR"] {
            command.env(variable, self.folder.join("cache"));
        }
        Ok(command)
    }
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
