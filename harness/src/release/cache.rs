//! The programs that were fetched, and getting one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use semver::Version;

use super::entry::{Kept, State};
use super::fetch::{self, Turn};
use super::index::{Index, Wanted};
use super::words::{name_of, nearest};
use super::{Digested, Missing, Pin, Pins, Platform, ReleaseProblem, Tool, digest, wheel};

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
    /// Whether it is what was pinned, or was taken as it came.
    pub pinned: bool,
}

/// How to get a release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GetOptions {
    /// Take it from the cache or not at all.
    pub offline: bool,
    /// Take a release of Codex of which no digest is known, too.
    pub unpinned: bool,
}

/// The folder in which fetched programs are kept.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    index: OnceLock<Index>,
}

impl Cache {
    /// The person's own: `codex-remote-auth/releases` in `$XDG_CACHE_HOME`, or in `~/.cache`.
    ///
    /// # Errors
    /// [`ReleaseProblem::NoHome`] where neither is named.
    pub fn open() -> Result<Self, ReleaseProblem> {
        // A relative one is to be ignored, says the specification of XDG_CACHE_HOME.
        let named = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
        let caches = caches.ok_or(ReleaseProblem::NoHome)?;
        Ok(Self::at(caches.join("codex-remote-auth").join("releases")))
    }

    /// The one in this folder, which need not be there yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), index: OnceLock::new() }
    }

    /// The same, asking this index in place of the first pip that answers.
    #[must_use]
    pub fn with_index(self, index: Index) -> Self {
        Self { folder: self.folder, index: OnceLock::from(index) }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The index that it fetches from.
    ///
    /// # Errors
    /// [`ReleaseProblem::NoPip`].
    pub fn index(&self) -> Result<&Index, ReleaseProblem> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let found = Index::find()?;
        Ok(self.index.get_or_init(|| found))
    }

    /// Whether this pinned release is there, whole, for this machine's containers.
    pub fn has(&self, pins: &Pins, tool: Tool, version: &Version) -> bool {
        let (Ok(platform), Some(pin)) = (Platform::of_containers(), pins.pin(tool, version)) else {
            return false;
        };
        matches!(self.kept(tool, version, platform, true).look(Some(&pin.program)), Ok(State::Whole(_)))
    }

    /// Gets a release, from the cache or from the index.
    ///
    /// # Errors
    /// [`ReleaseProblem`]; the cache then holds nothing that it did not hold before.
    pub fn get(
        &self,
        pins: &Pins,
        tool: Tool,
        version: &Version,
        options: GetOptions,
        say: &dyn Fn(&str),
    ) -> Result<Release, ReleaseProblem> {
        let platform = Platform::of_containers()?;
        let pin = pins.pin(tool, version);
        // Claude Code's package counts versions of its own, so nothing leads from one of the program to it.
        if pin.is_none() && !(options.unpinned && tool == Tool::Codex) {
            return Err(not_pinned(pins, tool, version, platform));
        }
        let kept = self.kept(tool, version, platform, pin.is_some());
        let release = |program: Digested| Release {
            tool,
            version: version.clone(),
            program: kept.program(),
            sha256: program.sha256,
            pinned: pin.is_some(),
        };
        let pinned = pin.map(|pin| &pin.program);
        let offline =
            || ReleaseProblem::Offline { tool, version: version.clone(), folder: self.folder.clone() };
        match kept.look(pinned)? {
            State::Whole(program) => return Ok(release(program)),
            State::Absent if options.offline => return Err(offline()),
            State::Absent | State::Altered(_) => {}
        }
        let turn = Turn::wait_for(&self.folder, say)?;
        // Whoever had the turn before may have brought it.
        match kept.look(pinned)? {
            State::Whole(program) => return Ok(release(program)),
            State::Absent => {}
            State::Altered(why) => remove_altered(&kept, &why, say)?,
        }
        if options.offline {
            return Err(offline());
        }
        let fetched = self.fetch(&turn, tool, version, pin, &kept, say);
        fetched.map(release).map_err(|problem| problem.with_room_of_a_fetch(&self.folder, pin))
    }

    /// Downloads what is missing in the pins, and says what its pin is.
    ///
    /// # Errors
    /// [`ReleaseProblem`]; nothing is kept either way.
    pub fn pin(&self, missing: &Missing, say: &dyn Fn(&str)) -> Result<Pin, ReleaseProblem> {
        let turn = Turn::wait_for(&self.folder, say)?;
        self.look_into(&turn, missing, say)
            .map_err(|problem| problem.with_room_of_a_fetch(&self.folder, None))
    }

    fn look_into(&self, turn: &Turn, missing: &Missing, say: &dyn Fn(&str)) -> Result<Pin, ReleaseProblem> {
        let work = turn.work_folder()?;
        let wanted = wanted(missing.tool, &missing.package_version, missing.platform, None);
        let file = turn.wheel(self.index()?, &wanted, None, work.path(), say)?;
        let version = wheel::program_version(&file, missing.tool)?;
        let Digested { size, sha256 } = digest::of_file(&file)?;
        Ok(Pin {
            tool: missing.tool,
            version: version.unwrap_or_else(|| missing.package_version.clone()),
            package: wanted.package,
            platform: missing.platform,
            file: name_of(&file),
            size,
            sha256,
            program: wheel::program_in(&file, missing.tool)?,
        })
    }

    fn fetch(
        &self,
        turn: &Turn,
        tool: Tool,
        version: &Version,
        pin: Option<&Pin>,
        kept: &Kept,
        say: &dyn Fn(&str),
    ) -> Result<Digested, ReleaseProblem> {
        let index = self.index()?;
        let work = turn.work_folder()?;
        let wanted = wanted(tool, version, Platform::of_containers()?, pin);
        let pinned = pin.map(Pin::wheel);
        let file = turn.wheel(index, &wanted, pinned.as_ref(), work.path(), say)?;
        let fresh = Kept { folder: work.path().join("kept"), program: kept.program };
        fs::create_dir(&fresh.folder).map_err(ReleaseProblem::writing(&fresh.folder, 1))?;
        let program = wheel::unpack(&file, tool, &fresh.program())?;
        match pin {
            Some(pin) => fetch::compare(&format!("the program in {}", pin.file), &pin.program, &program)?,
            None => say(&format!("{tool} {version} is not pinned; its program is {program}")),
        }
        fresh.seal(tool.name(), &version.to_string(), &program)?;
        turn.keep(&fresh.folder, &kept.folder)?;
        Ok(program)
    }

    /// One that was taken as it came has a name of its own, so that it is never taken for a pinned one.
    fn kept(&self, tool: Tool, version: &Version, platform: Platform, pinned: bool) -> Kept {
        let suffix = if pinned { "" } else { "-unpinned" };
        Kept {
            folder: self.folder.join(format!("{tool}-{version}-{platform}{suffix}")),
            program: tool.name(),
        }
    }
}

fn wanted<'a>(tool: Tool, version: &'a Version, platform: Platform, pin: Option<&Pin>) -> Wanted<'a> {
    let package = pin.map_or_else(|| format!("{}=={version}", tool.package()), |pin| pin.package.clone());
    Wanted { tool, version, package, platform, size: pin.map(|pin| pin.size) }
}

fn remove_altered(kept: &Kept, why: &str, say: &dyn Fn(&str)) -> Result<(), ReleaseProblem> {
    say(&format!("{} is not what was put there, and is removed: {why}", kept.folder.display()));
    fs::remove_dir_all(&kept.folder).map_err(ReleaseProblem::io("cannot remove", &kept.folder))
}

fn not_pinned(pins: &Pins, tool: Tool, version: &Version, platform: Platform) -> ReleaseProblem {
    ReleaseProblem::NotPinned {
        tool,
        version: version.clone(),
        platform: platform.to_string(),
        nearest: nearest(&pins.versions_for(tool, platform), version, "pinned"),
    }
}
