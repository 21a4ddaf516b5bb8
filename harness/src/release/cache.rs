//! The cache of programs, and getting one into it.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use semver::Version;
use tempfile::TempDir;

use super::pip::{INSTALLED, Request};
use super::{FileDigest, Missing, Pin, Pins, Pip, Platform, ReleaseProblem, Tool};

/// A real release, ready to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The tool.
    pub tool: Tool,
    /// The release.
    pub version: Version,
    /// Its program: an executable file in the cache.
    pub program: PathBuf,
    /// The program's SHA-256.
    pub sha256: String,
}

/// How to get a release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GetOptions {
    /// Only from the cache.
    pub offline: bool,
    /// Even if it is a release of Codex that is not pinned.
    pub unpinned: bool,
}

/// The folder in which programs are kept.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    pip: OnceLock<Pip>,
}

const MEGABYTE: u64 = 1_000_000;

const LOCK: &str = "lock";

/// The names of folders for downloads begin with this.
const WORK: &str = "fetch-";

/// The file with the SHA-256 of a program that is not pinned.
const UNPINNED_SHA256: &str = "sha256";

/// The space that an unpinned download may take. No program so far is larger than half of it.
const UNPINNED_NEED: u64 = 1_000_000_000;

impl Cache {
    /// The person's own: `codex-remote-auth/releases` in `$XDG_CACHE_HOME` or `~/.cache`.
    ///
    /// # Errors
    /// [`ReleaseProblem::NoHome`] if neither is set.
    pub fn open() -> Result<Self, ReleaseProblem> {
        // The specification of XDG_CACHE_HOME says that a relative path is to be ignored.
        let named = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
        let caches = caches.ok_or(ReleaseProblem::NoHome)?;
        Ok(Self::at(caches.join("codex-remote-auth").join("releases")))
    }

    /// The cache in this folder, which need not exist yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), pip: OnceLock::new() }
    }

    /// The same, with this pip instead of the machine's.
    #[must_use]
    pub fn with_pip(self, pip: Pip) -> Self {
        Self { folder: self.folder, pip: OnceLock::from(pip) }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The pip that it uses.
    ///
    /// # Errors
    /// [`ReleaseProblem::NoPip`].
    pub fn pip(&self) -> Result<&Pip, ReleaseProblem> {
        if let Some(pip) = self.pip.get() {
            return Ok(pip);
        }
        let found = Pip::find()?;
        Ok(self.pip.get_or_init(|| found))
    }

    /// Whether a pinned release is in the cache. It is not read, so it may turn out to be damaged.
    pub fn has(&self, pin: &Pin) -> bool {
        let program = self.entry(pin.tool, &pin.version, pin.platform, true).join(pin.tool.name());
        fs::symlink_metadata(program)
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() == pin.program.size)
    }

    /// Gets a release from the cache, and downloads it first if the cache has none that is intact.
    ///
    /// # Errors
    /// [`ReleaseProblem`]; no part of a download is then in the cache.
    pub fn get(
        &self,
        pins: &Pins,
        tool: Tool,
        version: &Version,
        options: GetOptions,
        say: &dyn Fn(&str),
    ) -> Result<Release, ReleaseProblem> {
        let platform = Platform::of_containers()?;
        pins.check(tool, version, options.unpinned)?;
        let pin = pins.pin(tool, version);
        let entry = self.entry(tool, version, platform, pin.is_some());
        let release =
            |sha256| Release { tool, version: version.clone(), program: entry.join(tool.name()), sha256 };
        if let Some(sha256) = intact(&entry, tool, pin) {
            return Ok(release(sha256));
        }
        if options.offline {
            let folder = self.folder.clone();
            return Err(ReleaseProblem::Offline { tool, version: version.clone(), folder });
        }
        let _lock = self.lock(say)?;
        // Another process may have downloaded it while this one waited.
        if let Some(sha256) = intact(&entry, tool, pin) {
            return Ok(release(sha256));
        }
        if entry.exists() {
            say(&format!("{} is damaged, and is downloaded again", entry.display()));
            fs::remove_dir_all(&entry).map_err(ReleaseProblem::io("cannot remove", &entry))?;
        }
        let request = Request {
            tool,
            platform,
            package: pin.map_or_else(|| format!("{}=={version}", tool.package()), |pin| pin.package.clone()),
            package_version: version,
            sha256: pin.map(|pin| pin.sha256.as_str()),
        };
        self.download(&request, pin, &entry, say).map(release)
    }

    /// Downloads what the pins lack, and makes a pin of it. The program is not kept.
    ///
    /// # Errors
    /// [`ReleaseProblem`].
    pub fn pin(&self, missing: &Missing, say: &dyn Fn(&str)) -> Result<Pin, ReleaseProblem> {
        let Missing { tool, ref package_version, platform } = *missing;
        let _lock = self.lock(say)?;
        let package = format!("{}=={package_version}", tool.package());
        let request = Request { tool, platform, package, package_version, sha256: None };
        let (work, program) = self.install(&request, None, say)?;
        let version = match tool.version_file() {
            None => package_version.clone(),
            Some(file) => fs::read_to_string(work.path().join(INSTALLED).join(file))
                .ok()
                .and_then(|text| text.split_whitespace().next()?.parse().ok())
                .ok_or(ReleaseProblem::NoProgram { package: request.package.clone(), file })?,
        };
        Ok(Pin {
            tool,
            version,
            package: request.package,
            platform,
            sha256: self.pip()?.reported_sha256(work.path())?,
            program: FileDigest::of(&program).map_err(ReleaseProblem::io("cannot read", &program))?,
        })
    }

    fn download(
        &self,
        request: &Request<'_>,
        pin: Option<&Pin>,
        entry: &Path,
        say: &dyn Fn(&str),
    ) -> Result<String, ReleaseProblem> {
        let (work, program) = self.install(request, pin, say)?;
        let got = FileDigest::of(&program).map_err(ReleaseProblem::io("cannot read", &program))?;
        if let Some(pin) = pin
            && pin.program != got
        {
            let what = format!("the program in {}", request.package);
            let said = format!("  expected {}\n  got {got}", pin.program);
            return Err(ReleaseProblem::OtherBytes { what, said });
        }
        let fresh = work.path().join("entry");
        let place = |fresh: &Path| -> io::Result<()> {
            fs::create_dir(fresh)?;
            fs::set_permissions(&program, Permissions::from_mode(0o755))?;
            fs::rename(&program, fresh.join(request.tool.name()))?;
            if pin.is_none() {
                say(&format!("{} is not pinned. Its program: {got}", request.package));
                fs::write(fresh.join(UNPINNED_SHA256), &got.sha256)?;
            }
            // The name appears last, so an entry is complete or not there.
            fs::rename(fresh, entry)
        };
        place(&fresh).map_err(ReleaseProblem::io("cannot write", entry))?;
        Ok(got.sha256)
    }

    /// Has pip install a package in a folder that is deleted later, and finds the program in it.
    fn install(
        &self,
        request: &Request<'_>,
        pin: Option<&Pin>,
        say: &dyn Fn(&str),
    ) -> Result<(TempDir, PathBuf), ReleaseProblem> {
        // A wheel is about half as large as its program.
        self.check_space(pin.map_or(UNPINNED_NEED, |pin| pin.program.size / 2 * 3))?;
        say(&format!("downloading {} for {}", request.package, request.platform));
        let work = tempfile::Builder::new().prefix(WORK).tempdir_in(&self.folder);
        let work = work.map_err(ReleaseProblem::io("cannot write into", &self.folder))?;
        let program = self.pip()?.install(request, work.path(), say)?.join(request.tool.program_file());
        if fs::symlink_metadata(&program).is_ok_and(|metadata| metadata.is_file()) {
            return Ok((work, program));
        }
        let file = request.tool.program_file();
        Err(ReleaseProblem::NoProgram { package: request.package.clone(), file })
    }

    fn check_space(&self, need: u64) -> Result<(), ReleaseProblem> {
        let disk = rustix::fs::statvfs(&self.folder)
            .map_err(|error| ReleaseProblem::io("cannot look at the disk of", &self.folder)(error.into()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free >= need {
            return Ok(());
        }
        let folder = self.folder.clone();
        Err(ReleaseProblem::NoSpace { folder, need: need.div_ceil(MEGABYTE), free: free / MEGABYTE })
    }

    /// Waits until no other process downloads, and deletes what a killed one left. Dropping the file unlocks it.
    fn lock(&self, say: &dyn Fn(&str)) -> Result<File, ReleaseProblem> {
        let lock = || -> io::Result<File> {
            fs::create_dir_all(&self.folder)?;
            let lock = File::options().create(true).append(true).open(self.folder.join(LOCK))?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    say(&format!("waiting for another download into {}", self.folder.display()));
                    lock.lock()?;
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Only the holder of the lock makes such folders, so none of them is in use.
            for entry in fs::read_dir(&self.folder)? {
                let entry = entry?;
                if entry.file_name().as_encoded_bytes().starts_with(WORK.as_bytes()) {
                    fs::remove_dir_all(entry.path())?;
                }
            }
            Ok(lock)
        };
        lock().map_err(ReleaseProblem::io("cannot prepare the cache", &self.folder))
    }

    /// The folder of one release. An unpinned one has another name, so it is never used as a pinned one.
    fn entry(&self, tool: Tool, version: &Version, platform: Platform, pinned: bool) -> PathBuf {
        let suffix = if pinned { "" } else { "-unpinned" };
        self.folder.join(format!("{tool}-{version}-{platform}{suffix}"))
    }
}

/// The SHA-256 of the program in a folder of the cache, if every byte of it is as it should be.
fn intact(entry: &Path, tool: Tool, pin: Option<&Pin>) -> Option<String> {
    let program = entry.join(tool.name());
    let metadata = fs::symlink_metadata(&program).ok()?;
    if !metadata.is_file() {
        return None;
    }
    let got = FileDigest::of(&program).ok()?;
    let expected = match pin {
        Some(pin) => pin.program.sha256.clone(),
        None => fs::read_to_string(entry.join(UNPINNED_SHA256)).ok()?,
    };
    if got.sha256 != expected {
        return None;
    }
    if metadata.permissions().mode() & 0o777 != 0o755 {
        fs::set_permissions(&program, Permissions::from_mode(0o755)).ok()?;
    }
    Some(expected)
}
