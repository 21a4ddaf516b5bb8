//! A stand-in for pip and its index: a script that brings wheels which are made here.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use harness::release::{Cache, GetOptions, Index, Pins, Platform, Release, ReleaseProblem, Tool, Version};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub(crate) const CODEX: &str = "codex_cli_bin/bin/codex";
pub(crate) const PROGRAM: &[u8] =
    b"what would be a program, long enough to be worth packing, packing, packing";

/// A cache, its pins, and the pip that fills it.
pub(crate) struct FakePip {
    folder: PathBuf,
    _owned: Option<TempDir>,
    said: Mutex<Vec<String>>,
}

impl FakePip {
    /// With a wheel of codex 0.163.0 on its index, which is pinned.
    pub(crate) fn new() -> Self {
        let owned = tempfile::tempdir().unwrap();
        let stand_in = Self { folder: owned.path().to_owned(), _owned: Some(owned), said: Mutex::default() };
        stand_in.pip("bring");
        let wheel = stand_in.publish(&[(CODEX, PROGRAM)]);
        stand_in.pin("0.163.0", &wheel, PROGRAM);
        stand_in
    }

    /// The one that another process made.
    pub(crate) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), _owned: None, said: Mutex::default() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Sets what pip does when it is to download; `bring` is what a working one does.
    pub(crate) fn pip(&self, download: &str) {
        let here = self.folder.display();
        let script = format!(
            r#"here='{here}'
echo "$*" >> "$here/asked"
bring() {{ cp "$here/published.whl" "$dest/codex.whl"; }}
case $1 in
--version) exit 0 ;;
index) cat "$here/versions"; exit 0 ;;
esac
while [ "$1" != --dest ]; do shift; done
dest=$2
{download}
"#
        );
        fs::write(self.path("pip"), script).unwrap();
    }

    /// Puts a wheel with these members on the index.
    pub(crate) fn publish(&self, members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in members {
            let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        let wheel = zip.finish().unwrap().into_inner();
        fs::write(self.path("published.whl"), &wheel).unwrap();
        wheel
    }

    /// Pins nothing but this.
    pub(crate) fn pin(&self, version: &str, wheel: &[u8], program: &[u8]) {
        fs::write(
            self.path("pins.toml"),
            format!(
                "[[release]]\ntool = \"codex\"\nversion = \"{version}\"\n\
                 package = \"openai-codex-cli-bin=={version}\"\nplatform = \"{platform}\"\nfile = \"codex.whl\"\n\
                 size = {size}\nsha256 = \"{sha256}\"\n\
                 program = {{ size = {program_size}, sha256 = \"{program_sha256}\" }}\n",
                platform = Platform::of_containers().unwrap(),
                size = wheel.len(),
                sha256 = sha256(wheel),
                program_size = program.len(),
                program_sha256 = sha256(program),
            ),
        )
        .unwrap();
    }

    pub(crate) fn index(&self) -> Index {
        Index::called(["sh".into(), self.path("pip").into_os_string()])
    }

    pub(crate) fn cache(&self) -> Cache {
        Cache::at(self.path("cache")).with_index(self.index())
    }

    pub(crate) fn pins(&self) -> Pins {
        Pins::read(&self.path("pins.toml")).unwrap()
    }

    pub(crate) fn get(&self) -> Result<Release, ReleaseProblem> {
        self.get_as("0.163.0", GetOptions::default())
    }

    pub(crate) fn get_as(&self, version: &str, options: GetOptions) -> Result<Release, ReleaseProblem> {
        let say = |what: &str| self.said.lock().unwrap().push(what.to_owned());
        self.cache().get(&self.pins(), Tool::Codex, &number(version), options, &say)
    }

    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }

    /// How often pip was asked for this.
    pub(crate) fn asked(&self, verb: &str) -> usize {
        let asked = fs::read_to_string(self.path("asked")).unwrap_or_default();
        asked.lines().filter(|line| line.split(' ').next() == Some(verb)).count()
    }

    /// What the cache's folder holds, beside the lock.
    pub(crate) fn kept(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("cache")) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != "lock");
        names.sort();
        names
    }

    /// The name of a release's folder in the cache.
    pub(crate) fn name(version: &str) -> String {
        format!("codex-{version}-{}", Platform::of_containers().unwrap())
    }
}

pub(crate) fn number(version: &str) -> Version {
    version.parse().unwrap()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
