//! A package index with wheels made by the tests, and a script that acts as pip.
//!
//! If a test is about what pip does, the script calls this machine's own pip. Otherwise it copies the files of the wheel that
//! was published last, which is faster.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use harness::release::{Cache, GetOptions, Pins, Pip, Platform, Release, ReleaseProblem, Tool, Version};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub(crate) const CODEX: &str = "codex_cli_bin/bin/codex";
pub(crate) const PROGRAM: &[u8] = b"the program of codex 0.163.0";

/// An index, the pins, and a cache.
pub(crate) struct FakeIndex {
    folder: PathBuf,
    _owned: Option<TempDir>,
    said: Mutex<Vec<String>>,
}

impl FakeIndex {
    /// An index with codex 0.163.0, which is pinned.
    pub(crate) fn new() -> Self {
        let owned = tempfile::tempdir().unwrap();
        let index = Self { folder: owned.path().to_owned(), _owned: Some(owned), said: Mutex::default() };
        fs::create_dir(index.path("index")).unwrap();
        index.when_installing("copy \"$@\"");
        let wheel = index.publish("0.163.0", &[(CODEX, PROGRAM)]);
        index.pin("0.163.0", &wheel, PROGRAM);
        index
    }

    /// The same, with this machine's own pip.
    pub(crate) fn with_real_pip() -> Self {
        let index = Self::new();
        index.when_installing("pip \"$@\"");
        index
    }

    /// The index that another process made.
    pub(crate) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), _owned: None, said: Mutex::default() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Sets the shell commands that run in place of `pip install`. In them, `pip "$@"` is the real pip, and `copy "$@"` copies.
    pub(crate) fn when_installing(&self, commands: &str) {
        let script = format!(
            r#"here='{here}'
echo "$*" >> "$here/asked"
export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS="$here/index"
pip() {{ {pip} "$@"; }}
copy() {{ while [ "$1" != --target ]; do shift; done; mkdir -p "$2" && cp -R "$here/published/." "$2"; }}
case $1 in
install) {commands} ;;
*) pip "$@" ;;
esac
"#,
            here = self.folder.display(),
            pip = own_pip()
        );
        fs::write(self.path("pip"), script).unwrap();
    }

    /// Puts a wheel of Codex with these files on the index, and returns its bytes.
    pub(crate) fn publish(&self, version: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
        self.publish_as(Tool::Codex, version, Platform::of_containers().unwrap(), files)
    }

    pub(crate) fn publish_as(
        &self,
        tool: Tool,
        version: &str,
        platform: Platform,
        files: &[(&str, &[u8])],
    ) -> Vec<u8> {
        let package = tool.package().replace('-', "_");
        let tag = format!("py3-none-manylinux_2_17_{}", platform.architecture());
        let info = |file: &str| format!("{package}-{version}.dist-info/{file}");
        let metadata = format!("Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n");
        let about = format!("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n");
        let own = [
            (info("METADATA"), metadata.as_bytes()),
            (info("WHEEL"), about.as_bytes()),
            (info("RECORD"), b"".as_slice()),
        ];
        let published = self.path("published");
        let _ = fs::remove_dir_all(&published);
        for (name, bytes) in files {
            fs::create_dir_all(published.join(name).parent().unwrap()).unwrap();
            fs::write(published.join(name), bytes).unwrap();
        }
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let own = own.iter().map(|(name, bytes)| (name.as_str(), *bytes));
        for (name, bytes) in files.iter().copied().chain(own) {
            zip.start_file(name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        let wheel = zip.finish().unwrap().into_inner();
        fs::write(self.path("index").join(format!("{package}-{version}-{tag}.whl")), &wheel).unwrap();
        wheel
    }

    /// Pins only this release of Codex.
    pub(crate) fn pin(&self, version: &str, wheel: &[u8], program: &[u8]) {
        let pin = format!(
            "[[release]]\ntool = \"codex\"\nversion = \"{version}\"\n\
             package = \"openai-codex-cli-bin=={version}\"\nplatform = \"{platform}\"\nsha256 = \"{wheel}\"\n\
             program = {{ size = {size}, sha256 = \"{program}\" }}\n",
            platform = Platform::of_containers().unwrap(),
            wheel = sha256(wheel),
            size = program.len(),
            program = sha256(program),
        );
        fs::write(self.path("pins.toml"), pin).unwrap();
    }

    pub(crate) fn called_as_pip(&self) -> Pip {
        Pip::called(["sh".into(), self.path("pip").into_os_string()])
    }

    pub(crate) fn cache(&self) -> Cache {
        Cache::at(self.path("cache")).with_pip(self.called_as_pip())
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

    /// How often pip was called with this subcommand.
    pub(crate) fn asked(&self, verb: &str) -> usize {
        let asked = fs::read_to_string(self.path("asked")).unwrap_or_default();
        asked.lines().filter(|line| line.split(' ').next() == Some(verb)).count()
    }

    /// The content of the cache, except the lock.
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

/// The command that calls this machine's pip.
fn own_pip() -> &'static str {
    static PIP: OnceLock<&str> = OnceLock::new();
    PIP.get_or_init(|| {
        let works = |call: &&str| {
            let version = Command::new("sh").args(["-c", &format!("{call} --version")]).output();
            version.unwrap().status.success()
        };
        let calls = ["python3 -m pip", "pip3", "pip", "uv tool run pip"];
        calls.into_iter().find(works).expect("these tests need pip: install python3-pip, or uv")
    })
}

pub(crate) fn number(version: &str) -> Version {
    version.parse().unwrap()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
