//! A machine of a person who has a login and a key, and nothing else of the project.

use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::target::{Bare, BareSpec};
use tests::Rig;
use tests::person::Person;

/// How long a command may take. One of them compiles the program.
const COMMAND: Duration = Duration::from_secs(3_000);

/// A file of this machine.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
}

pub(crate) fn file(path: &Path) -> File {
    assert!(path.is_file(), "{} is missing: run `cargo xtask dist` first", path.display());
    File { path: path.to_owned(), name: path.file_name().unwrap().to_string_lossy().into_owned() }
}

/// The one file in `target/dist` whose name ends like this on this machine's processor.
pub(crate) fn artifact(x86_64: &str, aarch64: &str) -> File {
    let ending = if cfg!(target_arch = "aarch64") { aarch64 } else { x86_64 };
    let folder = tests::root().join("target/dist");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("run `cargo xtask dist` first"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    assert_eq!(files.len(), 1, "files in target/dist that end with {ending}; run `cargo xtask dist`");
    file(&files[0])
}

/// The version that the files have to have.
pub(crate) fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The machine, and the person's account on a host.
pub(crate) struct Machine<'r> {
    rig: &'r Rig,
    person: Person<'r>,
    bare: Bare<'static>,
}

impl<'r> Machine<'r> {
    /// A machine with these files in `/dist`.
    pub(crate) fn with(rig: &'r Rig, suite: &str, packages: &[&str], files: &[&File]) -> Self {
        Self::reading(rig, suite, packages, files, &[])
    }

    /// The same with folders of this machine that it can read.
    pub(crate) fn reading(
        rig: &'r Rig,
        suite: &str,
        packages: &[&str],
        files: &[&File],
        folders: &[(PathBuf, String)],
    ) -> Self {
        let person = rig.person(1);
        let mut copied: Vec<(PathBuf, String, u32)> =
            files.iter().map(|file| (file.path.clone(), format!("/dist/{}", file.name), 0o644)).collect();
        for (here, there) in [
            ("id", ".ssh/id_ed25519"),
            ("known_hosts", ".ssh/known_hosts"),
            (".codex/auth.json", ".codex/auth.json"),
        ] {
            copied.push((person.path(here), format!("/dist/home/{there}"), 0o600));
        }
        let spec = BareSpec { suite, packages, host: rig.container(), files: &copied, folders };
        let bare = rig.test_environment().bare(&spec, &|what| eprintln!("{what}"));
        let bare = bare.unwrap_or_else(|problem| panic!("{problem}"));
        let machine = Self { rig, person, bare };
        machine.run("cp -R /dist/home/. ~");
        machine
    }

    /// Runs a script as root, and returns what it prints.
    pub(crate) fn run(&self, script: &str) -> String {
        let ran = self
            .bare
            .run(&format!("set -e\nexport HOME=/root DEBIAN_FRONTEND=noninteractive\n{script}"), COMMAND);
        let ran = ran.unwrap_or_else(|problem| panic!("{problem}"));
        self.rig.leak_scanner().pass("what an installed program printed", &ran.output);
        let said = String::from_utf8_lossy(&ran.output).into_owned();
        assert_eq!(ran.status, 0, "{script}\n{said}");
        said
    }

    /// Checks that the installed program is of this version.
    pub(crate) fn has_the_right_version(&self, program: &str) {
        let said = self.run(&format!("{program} --version"));
        assert!(said.starts_with(&format!("codex-remote-auth {}", version())), "{said}");
    }

    /// Checks that a deploy copies the login to the host and verifies it there.
    pub(crate) fn deploys(&self, program: &str) {
        let account = self.person.account();
        account.root("rm -rf .codex .codex-stub");
        let (host, port) = self.rig.container().address();
        // 0 means that the login was copied and codex has used it.
        let key = "/root/.ssh/id_ed25519";
        self.run(&format!("{program} deploy -i {key} {}@{host}:{port}", account.name));
        account.has(&self.person.login, &format!("{}/.codex", account.home));
        let calls = account.root("ls .codex-stub/witness | wc -l");
        assert_ne!(calls.trim(), "0", "codex was not called on the host");
    }
}
