//! `cargo xtask releases`: which real releases are known, which are here, and getting them.

use std::path::PathBuf;

use clap::Args;
use codex_remote_auth::cli::say::say_json;
use codex_remote_auth::{say_line, tell_line};
use harness::release::{
    Cache, GetOptions, Pin, PinFile, Pins, Platform, Release, ReleaseProblem, Tool, Version,
};
use serde_json::{Value, json};

use crate::smoke::Format;
use crate::workspace;
use codex_remote_auth::cli::exit::Verdict;

/// Show which real releases of Codex and Claude Code are pinned, and get them
#[derive(Debug, Args)]
pub(crate) struct Releases {
    /// Get these releases into the cache, as 0.163.0 or claude:2.1.330; all of them where none is named
    #[arg(long, value_name = "RELEASE", num_args = 0.., value_parser = named)]
    fetch: Option<Vec<(Tool, Version)>>,
    /// Ask the package index, and pin what it has and the file lacks
    #[arg(long, conflicts_with = "offline")]
    update: bool,
    /// Fetch nothing: say what the cache lacks
    #[arg(long)]
    offline: bool,
    /// Take releases of Codex that are not pinned, too, as they come
    #[arg(long, requires = "fetch")]
    unpinned: bool,
    /// The file of pins, in place of the checkout's own
    #[arg(long, value_name = "FILE")]
    pins: Option<PathBuf>,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Releases {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let path =
            self.pins.clone().unwrap_or_else(|| workspace::root().join("fixtures/codex-releases.toml"));
        let cache = Cache::open()?;
        let mut file = PinFile::open(&path)?;
        let added = if self.update { update(&mut file, &cache)? } else { Vec::new() };
        let fetched = match &self.fetch {
            None => Vec::new(),
            Some(named) => self.get(file.pins(), &cache, named)?,
        };
        match self.format {
            Format::Json => {
                say_json(&as_json(file.pins(), &cache, &added, &fetched));
            }
            Format::Human if self.update || self.fetch.is_some() => {
                print_done(self.update, &added, &fetched);
            }
            Format::Human => print_list(file.pins(), &cache),
        }
        Ok(Verdict::Holds)
    }

    fn get(&self, pins: &Pins, cache: &Cache, named: &[(Tool, Version)]) -> anyhow::Result<Vec<Release>> {
        let all = || {
            Tool::ALL
                .into_iter()
                .flat_map(|tool| pins.versions(tool).into_iter().map(move |version| (tool, version)))
        };
        let wanted = if named.is_empty() { all().collect() } else { named.to_vec() };
        let options = GetOptions { offline: self.offline, unpinned: self.unpinned };
        let mut fetched = Vec::new();
        for (tool, version) in wanted {
            fetched.push(cache.get(pins, tool, &version, options, &say)?);
        }
        Ok(fetched)
    }
}

/// Reads `0.163.0`, `codex:0.163.0` or `claude:2.1.330`.
fn named(text: &str) -> Result<(Tool, Version), String> {
    let (tool, number) = match text.split_once(':') {
        None => (Tool::Codex, text),
        Some((name, number)) => {
            let tool = Tool::ALL.into_iter().find(|tool| tool.name() == name);
            (tool.ok_or_else(|| format!("`{name}` is neither codex nor claude"))?, number)
        }
    };
    let version = number.parse().map_err(|_| format!("`{number}` is no release; write X.Y.Z"))?;
    Ok((tool, version))
}

fn say(what: &str) {
    tell_line!("{what}");
}

/// Pins what is missing, one after the other: what was pinned before a failure stays pinned.
fn update(file: &mut PinFile, cache: &Cache) -> anyhow::Result<Vec<Pin>> {
    let missing = file.missing(cache.index()?)?;
    let mut added = Vec::new();
    for missing in missing {
        match cache.pin(&missing, &say) {
            Ok(pin) => {
                file.add(&pin)?;
                say(&format!("pinned {} {} for {}", pin.tool, pin.version, pin.platform));
                added.push(pin);
            }
            // Not every release is published for every platform.
            Err(ReleaseProblem::UnknownVersion { tool, version, platform, .. }) => {
                say(&format!("the index has no {tool} {version} for {platform}"));
            }
            Err(problem) => return Err(problem.into()),
        }
    }
    Ok(added)
}

fn print_done(updated: bool, added: &[Pin], fetched: &[Release]) {
    if updated && added.is_empty() {
        say_line!("the index has nothing that is not pinned");
    }
    for pin in added {
        say_line!("added {} {} for {}", pin.tool, pin.version, pin.platform);
    }
    for release in fetched {
        say_line!("{} {} {}", release.tool, release.version, release.program.display());
    }
}

fn print_list(pins: &Pins, cache: &Cache) {
    let mut cached = 0;
    let releases = releases(pins);
    for (tool, version) in &releases {
        let here = cache.has(pins, *tool, version);
        cached += usize::from(here);
        let size = pins
            .pin(*tool, version)
            .map_or_else(String::new, |pin| format!("{} MB", pin.size.div_ceil(1_000_000)));
        let platforms = platforms(pins, *tool, version).map(Platform::name).collect::<Vec<_>>().join(", ");
        let state = if here { "  cached" } else { "" };
        say_line!("{:<7} {:<9} {size:>7}  {platforms}{state}", tool.name(), version.to_string());
    }
    say_line!("{cached} of {} in the cache, {}", releases.len(), cache.folder().display());
}

fn as_json(pins: &Pins, cache: &Cache, added: &[Pin], fetched: &[Release]) -> Value {
    let releases: Vec<Value> = releases(pins)
        .into_iter()
        .map(|(tool, version)| {
            let pin = pins.pin(tool, &version);
            json!({
                "tool": tool.name(),
                "version": version.to_string(),
                "platforms": platforms(pins, tool, &version).map(Platform::name).collect::<Vec<_>>(),
                "package": pin.map(|pin| &pin.package),
                "size": pin.map(|pin| pin.size),
                "sha256": pin.map(|pin| &pin.program.sha256),
                "cached": cache.has(pins, tool, &version),
            })
        })
        .collect();
    let added = added.iter().map(|pin| {
        json!({
            "tool": pin.tool.name(),
            "version": pin.version.to_string(),
            "platform": pin.platform.name(),
        })
    });
    let fetched = fetched.iter().map(|release| {
        json!({
            "tool": release.tool.name(),
            "version": release.version.to_string(),
            "program": release.program,
            "sha256": release.sha256,
        })
    });
    json!({
        "cache": cache.folder(),
        "releases": releases,
        "added": added.collect::<Vec<_>>(),
        "fetched": fetched.collect::<Vec<_>>(),
    })
}

/// Every pinned release once, in the order of the file.
fn releases(pins: &Pins) -> Vec<(Tool, Version)> {
    let mut releases: Vec<(Tool, Version)> = Vec::new();
    for pin in pins.all() {
        if !releases.iter().any(|(tool, version)| *tool == pin.tool && *version == pin.version) {
            releases.push((pin.tool, pin.version.clone()));
        }
    }
    releases
}

fn platforms<'a>(pins: &'a Pins, tool: Tool, version: &'a Version) -> impl Iterator<Item = Platform> {
    let of_release = pins.all().iter().filter(move |pin| pin.tool == tool && pin.version == *version);
    of_release.map(|pin| pin.platform)
}
