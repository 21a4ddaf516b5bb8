//! The figures of real releases: drift, memory, and in how many cells the stub is equal.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::bail;
use harness::release::{Cache, Pins, Tool};
use harness::run::bench::{median, memory_of_a_call};
use harness::run::{ERAS, Sources, TestEnvironment, real};
use harness::target::CodexUnderTest;
use semver::Version;
use serde_json::Value;

use crate::sources::SourceArgs;

/// What real releases take.
pub(crate) struct RealFigures {
    /// Every lesson on the newest release, start to exit, with the binary cached.
    pub(crate) one: Duration,
    /// The same on all that are cached, where that was asked for, and how many these are.
    pub(crate) all: Option<(Duration, usize)>,
    /// The most memory that one call has at a time, in MB.
    pub(crate) memory: u64,
    /// Cells in which the stub is equal to the real one, of all.
    pub(crate) equal: (u64, u64),
}

/// Takes them on the releases that are in the cache; nothing is fetched.
pub(crate) fn figures(
    test_environment: &TestEnvironment,
    sources: &SourceArgs,
    times: usize,
    all: bool,
) -> anyhow::Result<RealFigures> {
    let sources = sources.sources();
    let cached = cached(&sources)?;
    let Some(newest) = cached.last() else {
        bail!("no real release is in the cache; `cargo xtask releases --fetch` gets them");
    };
    let mut walls = Vec::new();
    for _ in 0..times.max(1) {
        walls.push(drift(&[newest.to_string()])?.0);
    }
    let names: Vec<String> = cached.iter().map(Version::to_string).collect();
    let all = if all { Some((drift(&names)?.0, cached.len())) } else { None };
    let (_, compared) =
        drift(&[&ERAS.map(|release| release.to_string())[..], &["--against=stub".to_owned()]].concat())?;
    let mut offline = sources;
    offline.options.offline = true;
    let codex = CodexUnderTest::Real(real(Tool::Codex, newest, &offline, &|_| {})?);
    let memory = memory_of_a_call(test_environment, &codex)? / 1024;
    Ok(RealFigures { one: median(&walls), all, memory, equal: equal(&compared) })
}

fn cached(sources: &Sources) -> anyhow::Result<Vec<Version>> {
    let (pins, cache) = (Pins::read(&sources.pins)?, Cache::open()?);
    let cached = |version: &Version| pins.pin(Tool::Codex, version).is_some_and(|pin| cache.has(pin));
    Ok(pins.versions(Tool::Codex).into_iter().filter(cached).collect())
}

/// One run of the verb, with what it reported.
fn drift(arguments: &[String]) -> anyhow::Result<(Duration, Value)> {
    let began = Instant::now();
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(["drift", "--offline", "--format", "json"]).args(arguments).output()?;
    let wall = began.elapsed();
    match serde_json::from_slice(&output.stdout) {
        Ok(report) if output.status.success() => Ok((wall, report)),
        _ => bail!(
            "{command:?} does not hold, so its time says nothing: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

fn equal(report: &Value) -> (u64, u64) {
    let releases = report["releases"].as_array().map_or(&[][..], Vec::as_slice);
    let equal = releases.iter().filter_map(|release| release["equal"].as_u64()).sum();
    let all = releases
        .iter()
        .filter_map(|release| release["cells"].as_array())
        .map(|cells| cells.len() as u64)
        .sum();
    (equal, all)
}
