//! Finds the stretches of releases on which a step shows the same that its lesson does not expect.

use semver::Version;

use super::Seen;
use super::content::content;
use crate::amend::{NewExpect, Stretch};
use codex_remote_auth::lessons::{Expect, Step};

/// The stretches of the `number`th step, each with what it shows.
pub(super) fn stretches(
    step: &Step,
    number: usize,
    seen: &[Seen<'_>],
    known: &[Version],
) -> Result<Vec<(Stretch, NewExpect)>, String> {
    let mut all = Vec::new();
    for expect in &step.expect {
        let shown = shown(expect, step, number, seen)?;
        let not_run = |release: &&Version| {
            expect.codex.contains(release) && !shown.iter().any(|(run, _)| run == release)
        };
        all.extend(of_one(&shown, &known.iter().filter(not_run).collect::<Vec<_>>()));
    }
    Ok(all)
}

/// What each release that an expectation speaks of shows in place of it; nothing where it holds.
fn shown<'a>(
    expect: &Expect,
    step: &Step,
    number: usize,
    seen: &[Seen<'a>],
) -> Result<Vec<(&'a Version, Option<NewExpect>)>, String> {
    let mut shown = Vec::new();
    for Seen { release, cell } in seen.iter().filter(|seen| expect.codex.contains(seen.release)) {
        let Some(observed) = cell.steps().get(number) else { continue };
        let others = step.expect.iter().filter(|other| other.codex.contains(release)).count() - 1;
        let new = match observed.failures.is_empty() {
            true => None,
            false if others > 0 => {
                return Err(format!("in `{}`, several expectations speak of {release}", observed.heading));
            }
            false => Some(
                content(expect, observed)
                    .map_err(|reason| format!("in `{}` on {release}, {reason}", observed.heading))?,
            ),
        };
        shown.push((*release, new));
    }
    Ok(shown)
}

/// The releases are those of one expectation, oldest first. Of those that are known and were not run it stays to speak:
/// nobody has seen what they show.
fn of_one(shown: &[(&Version, Option<NewExpect>)], not_run: &[&Version]) -> Vec<(Stretch, NewExpect)> {
    let mut stretches = Vec::new();
    let mut begin = 0;
    for same in shown.chunk_by(|(_, one), (_, other)| one == other) {
        let end = begin + same.len();
        if let ([(first, Some(new)), ..], Some((last, _))) = (same, same.last()) {
            let next_run = shown.get(end).map(|(release, _)| *release);
            let next_not_run = not_run.iter().copied().filter(|release| release > last).min();
            let stretch = Stretch {
                first: (*first).clone(),
                open_below: begin == 0 && !not_run.iter().any(|release| release < first),
                until: [next_run, next_not_run].into_iter().flatten().min().cloned(),
            };
            stretches.push((stretch, new.clone()));
        }
        begin = end;
    }
    stretches
}
