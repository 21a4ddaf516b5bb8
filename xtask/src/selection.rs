//! Which checks a run is about, in what order they begin, and how often they run.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use harness::run::{Check, RunnerOptions};

use crate::names::{NothingSelected, Partition};

/// The part of a selection that is run.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// Run only part K of N: `hash:K/N` by name, `slice:K/N` in equal shares
    #[arg(long, value_name = "WAY:K/N")]
    partition: Option<Partition>,
}

impl Part {
    /// The items of the part. `name` is an item's name.
    ///
    /// # Errors
    /// [`NothingSelected`] if there are none.
    pub(crate) fn of<T>(&self, items: Vec<T>, name: impl Fn(&T) -> &str) -> Result<Vec<T>, NothingSelected> {
        let Some(partition) = self.partition else { return Ok(items) };
        let count = items.len();
        let places = items.into_iter().enumerate();
        let part: Vec<T> =
            places.filter(|(place, item)| partition.has(*place, name(item))).map(|(_, item)| item).collect();
        if part.is_empty() {
            let what = format!("the part {partition} has none of the {count} selected checks");
            return Err(NothingSelected::new(what, "use fewer parts, or `slice`, which makes equal parts"));
        }
        Ok(part)
    }
}

/// In which order checks begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// Those that take long first
    Longest,
    /// Random; --seed repeats an order
    Random,
}

/// How the selected checks are run.
#[derive(Debug, Args)]
pub(crate) struct Pace {
    /// Begin no further check after the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Run each check N times; one that passes only at times is reported as flaky, and fails
    #[arg(long, value_name = "N", default_value = "1", value_parser = times)]
    pub(crate) repeat: usize,
    /// Order in which the checks begin
    #[arg(long, value_enum, default_value = "longest")]
    order: Order,
    /// Number that determines a random order (default: a new one, which is printed)
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// List the checks with their times at the end, the slowest first
    #[arg(long)]
    pub(crate) timings: bool,
}

/// Reads `--repeat`.
fn times(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(times @ 1..=1_000) => Ok(times),
        _ => Err("a number from 1 to 1000".to_owned()),
    }
}

impl Pace {
    /// The number that determines the order, if it is random.
    pub(crate) fn seed(&self) -> Option<u64> {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
        let random = || self.seed.unwrap_or_else(|| now().into());
        (self.order == Order::Random).then(random)
    }

    /// The checks, each as often as it is to run.
    pub(crate) fn repeated<'c>(&self, checks: &[Check<'c>]) -> Vec<Check<'c>> {
        checks.iter().flat_map(|check| std::iter::repeat_n(check, self.repeat)).cloned().collect()
    }

    /// The options of a runner, with these.
    pub(crate) fn applied(&self, seed: Option<u64>, options: RunnerOptions) -> RunnerOptions {
        RunnerOptions { fail_fast: self.fail_fast, seed, ..options }
    }
}
