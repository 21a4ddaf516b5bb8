//! `cargo xtask releases`: lists the pinned real releases, downloads them into the cache, and pins new ones.

use clap::Args;
use codex_remote_auth::cli::exit::{Verdict, WrongCall};
use codex_remote_auth::cli::say::say_json;
use codex_remote_auth::lessons::is_glob;
use codex_remote_auth::{say_line, tell_line};
use harness::release::{Cache, Pin, Pins, Platform, Release, Tool, Version};
use serde_json::{Value, json};

use crate::smoke::Format;
use crate::sources::{self, SourceArgs};

/// List the pinned releases of Codex and Claude Code, download them, or pin new ones
#[derive(Debug, Args)]
pub(crate) struct Releases {
    /// Download releases into the cache, as X.Y.Z, claude:X.Y.Z, or a glob as in '0.15*' (default: all pinned ones)
    #[arg(long, value_name = "RELEASE", num_args = 0..)]
    fetch: Option<Vec<String>>,
    /// Pin the releases that the package index has and the file of pins does not
    #[arg(long, conflicts_with = "offline")]
    update: bool,
    /// Output format
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    sources: SourceArgs,
}

impl Releases {
    pub(crate) fn run(self) -> anyhow::Result<Verdict> {
        let cache = Cache::open()?;
        let mut pins = Pins::read(&self.sources.sources().pins)?;
        let added = if self.update { update(&mut pins, &cache)? } else { Vec::new() };
        let fetched = match &self.fetch {
            None => Vec::new(),
            Some(named) => self.get(&pins, &cache, named)?,
        };
        match self.format {
            Format::Json => say_json(&as_json(&pins, &cache, &added, &fetched)),
            Format::Human if self.update || self.fetch.is_some() => print_done(self.update, &added, &fetched),
            Format::Human => print_list(&pins, &cache),
        }
        Ok(Verdict::Holds)
    }

    fn get(&self, pins: &Pins, cache: &Cache, wanted: &[String]) -> anyhow::Result<Vec<Release>> {
        let all = || {
            let of = |tool| pins.versions(tool).into_iter().map(move |version| (tool, version));
            Tool::ALL.into_iter().flat_map(of).collect()
        };
        let mut chosen: Vec<(Tool, Version)> = if wanted.is_empty() { all() } else { Vec::new() };
        for text in wanted {
            match is_glob(text) {
                true => chosen.extend(sources::matching(text, pins)?),
                false => chosen.push(named(text).map_err(WrongCall)?),
            }
        }
        let options = self.sources.sources().options;
        let mut fetched = Vec::new();
        for (tool, version) in chosen {
            fetched.push(cache.get(pins, tool, &version, options, &say)?);
        }
        Ok(fetched)
    }
}

/// Reads `X.Y.Z`, `codex:X.Y.Z` or `claude:X.Y.Z`.
fn named(text: &str) -> Result<(Tool, Version), String> {
    let (name, number) = text.split_once(':').unwrap_or((Tool::Codex.name(), text));
    let tool = Tool::ALL.into_iter().find(|tool| tool.name() == name);
    let tool = tool.ok_or_else(|| format!("`{name}` is neither codex nor claude"))?;
    let version = number.parse().map_err(|_| format!("`{number}` is not a release; write X.Y.Z"))?;
    Ok((tool, version))
}

fn say(what: &str) {
    tell_line!("{what}");
}

/// Pins the missing releases one by one. If one fails, the earlier ones stay pinned.
fn update(pins: &mut Pins, cache: &Cache) -> anyhow::Result<Vec<Pin>> {
    let mut added = Vec::new();
    for missing in pins.missing(cache.pip()?, &say)? {
        let pin = cache.pin(&missing, &say)?;
        pins.add(pin.clone())?;
        added.push(pin);
    }
    Ok(added)
}

fn print_done(updated: bool, added: &[Pin], fetched: &[Release]) {
    if updated && added.is_empty() {
        say_line!("every release on the index is pinned");
    }
    for pin in added {
        say_line!("added {} {} for {}", pin.tool, pin.version, pin.platform);
    }
    for release in fetched {
        say_line!("{} {} {}", release.tool, release.version, release.program.display());
    }
}

fn print_list(pins: &Pins, cache: &Cache) {
    let (mut cached, mut all) = (0, 0);
    for release in releases(pins) {
        let (pin, platforms) = (shown(release), platforms(release).join(", "));
        let here = cache.has(pin);
        (cached, all) = (cached + usize::from(here), all + 1);
        let size = pin.program.size.div_ceil(1_000_000);
        let state = if here { "  cached" } else { "" };
        say_line!("{:<7} {:<9} {size:>4} MB  {platforms}{state}", pin.tool, pin.version.to_string());
    }
    say_line!("{cached} of {all} in the cache, {}", cache.folder().display());
}

fn as_json(pins: &Pins, cache: &Cache, added: &[Pin], fetched: &[Release]) -> Value {
    let releases = releases(pins).map(|release| {
        let pin = shown(release);
        json!({
            "tool": pin.tool.name(),
            "version": pin.version.to_string(),
            "platforms": platforms(release),
            "package": pin.package,
            "size": pin.program.size,
            "sha256": pin.program.sha256,
            "cached": cache.has(pin),
        })
    });
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
        "releases": releases.collect::<Vec<_>>(),
        "added": added.collect::<Vec<_>>(),
        "fetched": fetched.collect::<Vec<_>>(),
    })
}

/// The pins of each release.
fn releases(pins: &Pins) -> impl Iterator<Item = &[Pin]> {
    pins.all().chunk_by(|one, next| (one.tool, &one.version) == (next.tool, &next.version))
}

/// The pin to show for a release: the one for this machine's containers, or else the first.
fn shown(release: &[Pin]) -> &Pin {
    let here = Platform::of_containers().ok();
    release.iter().find(|pin| Some(pin.platform) == here).unwrap_or(&release[0])
}

fn platforms(release: &[Pin]) -> Vec<&'static str> {
    release.iter().map(|pin| pin.platform.name()).collect()
}
