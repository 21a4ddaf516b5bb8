//! The static programs that the rig brings into its containers.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use super::MissingPrerequisite;

/// The folder with the static programs `codex` (the stub), `fake-cloud` and `procwatch`, built where they are not there yet.
///
/// Its name carries a hash of their sources and of how they are built, so a second call builds nothing.
///
/// # Errors
/// [`MissingPrerequisite`] where they cannot be built, with what the compiler said.
pub fn static_programs(say: &dyn Fn(&str)) -> Result<PathBuf, MissingPrerequisite> {
    let workspace = workspace()?;
    let unreadable =
        |error: io::Error| MissingPrerequisite::new(format!("the stub's sources cannot be read: {error}"));
    let hash = hash_of(&workspace).map_err(unreadable)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let programs = target.join("rig-programs").join(&hash[..16]);
    if programs.join("complete").exists() {
        return Ok(programs);
    }
    say(BUILDING);
    let built = build(&workspace, &target.join("rig-build"), say)?;
    let unwritable = |error: io::Error| {
        MissingPrerequisite::new(format!("{} cannot be written: {error}", programs.display()))
            .remedy("free some space there")
    };
    keep(&built, &programs).map_err(unwritable)?;
    Ok(programs)
}

/// The programs, by the names they have in containers.
const PROGRAMS: [(&str, &str); 3] =
    [("codex-stub", "codex"), ("fake-cloud", "fake-cloud"), ("procwatch", "procwatch")];

/// At a fixed address: a program that may be anywhere relocates itself at every start, which is a fifth of the stub's whole time.
const FLAGS: &str = "-C target-feature=+crt-static -C relocation-model=static";

fn workspace() -> Result<PathBuf, MissingPrerequisite> {
    let harness = Path::new(env!("CARGO_MANIFEST_DIR"));
    match harness.parent() {
        Some(root) if root.join("fixtures/codex-stub").is_dir() => Ok(root.to_owned()),
        _ => Err(MissingPrerequisite::new(
            "the checkout that this program was built from is gone, and the stub's sources with it",
        )
        .remedy("run `cargo xtask` in a checkout")),
    }
}

fn hash_of(workspace: &Path) -> io::Result<String> {
    let mut files = vec![workspace.join("Cargo.toml"), workspace.join("Cargo.lock")];
    for package in ["fixtures/codex-stub", "fixtures/fake-cloud", "fixtures/procwatch"] {
        files.push(workspace.join(package).join("Cargo.toml"));
        walk(&workspace.join(package).join("src"), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    hash.update(FLAGS);
    for file in files {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(fs::read(&file)?);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// What is being done, for people.
const BUILDING: &str = "building the stub codex and the fake cloud, static Linux programs";

fn build(workspace: &Path, target: &Path, say: &dyn Fn(&str)) -> Result<PathBuf, MissingPrerequisite> {
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace).args([
        "build",
        "--locked",
        "--color=never",
        "--profile",
        "stub",
        "--target",
        &triple,
    ]);
    for (package, _) in PROGRAMS {
        cargo.args(["--package", package]);
    }
    // With a target named, these flags do not reach build scripts. What an outer cargo set for itself stays out.
    cargo.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", target);
    cargo.env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("CARGO_BUILD_TARGET");
    cargo.env_remove("CARGO_TERM_QUIET").env_remove("CARGO_TERM_VERBOSE");
    cargo.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());

    let failed = |said: String| {
        MissingPrerequisite::new("the stub codex cannot be built")
            .tried(format!("cargo build --profile stub --target {triple}: {said}"))
            .remedy(format!("rustup target add {triple}, and a linker for it (gcc, libc6-dev)"))
    };
    let mut child = cargo.spawn().map_err(|error| failed(error.to_string()))?;
    let mut said: Vec<String> = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            match progress(&line) {
                Some(what) => say(&format!("{BUILDING}: {what}")),
                None => said.push(line),
            }
        }
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(target.join(triple).join("stub")),
        Ok(_) => Err(failed(said.join("\n    "))),
        Err(error) => Err(failed(error.to_string())),
    }
}

/// What cargo is doing, if it is a line about that: its verb is right-aligned in twelve columns.
fn progress(line: &str) -> Option<String> {
    const VERBS: [&str; 6] = ["Compiling", "Downloading", "Downloaded", "Updating", "Blocking", "Finished"];

    let text = line.trim_start();
    let verb =
        VERBS.iter().find(|verb| text.strip_prefix(**verb).is_some_and(|rest| rest.starts_with(' ')))?;
    // A package of the checkout is told with its folder.
    let rest = text[verb.len()..].split(" (/").next().unwrap_or_default();
    line.starts_with(' ').then(|| format!("{}{rest}", verb.to_lowercase()))
}

/// Copies under other names first: two runs may do this at once.
fn keep(built: &Path, programs: &Path) -> io::Result<()> {
    fs::create_dir_all(programs)?;
    for (package, name) in PROGRAMS {
        let fresh = tempfile::NamedTempFile::new_in(programs)?;
        fs::copy(built.join(package), fresh.path())?;
        fresh.persist(programs.join(name))?;
    }
    fs::write(programs.join("complete"), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_is_doing_is_told_apart_from_what_it_complains_about() {
        let of = |line| progress(line);
        assert_eq!(of("   Compiling axum v0.8.4").as_deref(), Some("compiling axum v0.8.4"));
        assert_eq!(
            of("   Compiling codex-stub v0.1.0 (/a/b)").as_deref(),
            Some("compiling codex-stub v0.1.0")
        );
        assert_eq!(
            of("    Blocking waiting for file lock on build directory").as_deref(),
            Some("blocking waiting for file lock on build directory")
        );
        for complaint in
            ["error: no such target", "Compiling is hard", "  --> src/main.rs:1:1", "   Compilingx", ""]
        {
            assert_eq!(of(complaint), None, "{complaint}");
        }
    }
}
