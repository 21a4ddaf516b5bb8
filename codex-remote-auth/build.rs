//! Makes the version that `--version` shows, and lists the lesson files so that they are compiled into the program, which then needs no checkout at run time.
//! `lessons` is a link to `fixtures/lessons`; a published package contains the files themselves.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "build/version.rs"]
mod version;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rustc-env=CODEX_REMOTE_AUTH_VERSION={}", version()?);
    println!("cargo::rerun-if-changed=build");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("lessons").canonicalize()?;
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let mut list = String::from("&[\n");
    for path in paths {
        let path = path.to_str().ok_or("a lesson file's path is no UTF-8")?;
        println!("cargo::rerun-if-changed={path}");
        let name = path.rsplit('/').next().unwrap_or(path);
        writeln!(list, "    (\"fixtures/lessons/{name}\", include_str!({path:?})),")?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("lessons.rs"), list)?;
    Ok(())
}

/// A program for use shows its commit. One for development does not: everything would be compiled again after each commit.
fn version() -> Result<String, Box<dyn Error>> {
    let version = env::var("CARGO_PKG_VERSION")?;
    if env::var("PROFILE")? != "release" {
        return Ok(format!("{version} (development build)"));
    }
    let folder = env::var("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&folder);
    for name in ["src", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", folder.join(name).display());
    }
    // These change with every commit and checkout.
    for name in ["HEAD", "logs/HEAD"] {
        let path = version::git(folder, &["rev-parse", "--git-path", name]);
        if let Some(path) = path.map(|path| folder.join(path.trim())).filter(|path| path.exists()) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    Ok(version::with_commit(&version, folder))
}
