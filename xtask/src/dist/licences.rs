//! The licences of everything that is linked into the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

use super::{NAME, triple};
use crate::workspace;

/// C libraries that are inside a crate and linked into the program: the crate, and where the library's licence is in it.
const C_LIBRARIES: [(&str, &str); 3] = [
    ("openssl-src", "openssl/LICENSE.txt"),
    ("libssh2-sys", "libssh2/COPYING"),
    ("libz-sys", "src/zlib/LICENSE"),
];

/// How the name of a file with a licence begins, in capital letters.
const BEGINNINGS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

/// Writes the text.
pub(super) fn write(path: &Path) -> anyhow::Result<()> {
    let text = third_parties()?;
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        fs::write(path, text)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// A text for people: each licence once, with the libraries that it belongs to.
fn third_parties() -> anyhow::Result<String> {
    let crates = linked(&metadata()?)?;
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut list = String::new();
    for one in &crates {
        list.push_str(&format!("{}: {}\n", one.label, one.license));
        for file in one.files()? {
            let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let text = String::from_utf8_lossy(&text).replace('\r', "").trim().to_owned();
            texts.entry(text).or_default().push(one.label.clone());
        }
    }
    let mut out = format!("{NAME} contains these libraries. Their licenses follow.\n\n{list}");
    for (text, labels) in texts {
        out.push_str(&format!("\n{}\n{}\n\n{text}\n", "=".repeat(72), labels.join(", ")));
    }
    Ok(out)
}

/// A crate that is linked into the program.
#[derive(Debug)]
struct Crate {
    name: String,
    label: String,
    license: String,
    folder: PathBuf,
}

impl Crate {
    fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        let entries =
            fs::read_dir(&self.folder).with_context(|| format!("cannot read {}", self.folder.display()))?;
        let mut files: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        files.retain(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            file.is_file() && BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        });
        files.sort();
        for (_, inner) in C_LIBRARIES.iter().filter(|(name, _)| *name == self.name) {
            files.push(self.folder.join(inner));
        }
        Ok(files)
    }
}

fn metadata() -> anyhow::Result<Value> {
    let mut cargo = super::cargo(&workspace::root().join("target"));
    cargo.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", &triple()]);
    cargo.args(["--features", "vendored-openssl", "--manifest-path"]);
    let output = cargo
        .arg(workspace::root().join("codex-remote-auth/Cargo.toml"))
        .output()
        .context("cannot run cargo")?;
    anyhow::ensure!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    serde_json::from_slice(&output.stdout).context("cargo metadata printed something else than JSON")
}

/// What the program consists of, beside the project's own packages: the dependencies of its dependencies, without those of build
/// scripts and tests. The sources of OpenSSL are the exception: a build script compiles them into the program.
fn linked(metadata: &Value) -> anyhow::Result<Vec<Crate>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Value> =
        list(&metadata["packages"]).into_iter().map(|package| (text(&package["id"]), package)).collect();
    let nodes: BTreeMap<String, Value> =
        list(&metadata["resolve"]["nodes"]).into_iter().map(|node| (text(&node["id"]), node)).collect();
    let is_c = |id: &str| {
        C_LIBRARIES.iter().any(|(name, _)| packages.get(id).is_some_and(|one| one["name"] == *name))
    };
    let root = packages.iter().find(|(_, package)| package["name"] == NAME).map(|(id, _)| id.clone());
    let mut open = vec![root.context("cargo metadata does not name the program's package")?];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let Some(node) = nodes.get(&id) else { continue };
        for dependency in list(&node["deps"]) {
            let into = text(&dependency["pkg"]);
            if list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null()) || is_c(&into) {
                open.push(into);
            }
        }
    }
    let mut crates: Vec<Crate> = seen
        .iter()
        .filter_map(|id| packages.get(id))
        .filter(|package| !package["source"].is_null())
        .map(|package| Crate {
            name: text(&package["name"]),
            label: format!("{} {}", text(&package["name"]), text(&package["version"])),
            license: package["license"].as_str().unwrap_or("see below").to_owned(),
            folder: Path::new(&text(&package["manifest_path"])).parent().unwrap_or(Path::new("/")).to_owned(),
        })
        .collect();
    crates.sort_by(|one, other| one.label.cmp(&other.label));
    Ok(crates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_libraries_are_there_and_the_tools_of_the_tests_are_not() {
        let text = third_parties().unwrap();
        for (name, _) in C_LIBRARIES {
            assert!(text.contains(&format!("\n{name} ")), "{name}");
        }
        assert!(text.contains("The OpenSSL Project") || text.contains("Apache License"), "OpenSSL's licence");
        assert!(text.contains("Mark Adler"), "zlib's licence");
        assert!(text.contains("Daniel Stenberg"), "libssh2's licence");
        for absent in ["proptest", "insta", "tokio", "codex-remote-auth"] {
            assert!(!text.contains(&format!("\n{absent} ")), "{absent}");
        }
    }
}
