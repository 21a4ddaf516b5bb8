//! Holds an amended lesson against what the run saw, before anything is written.

use super::Seen;
use super::content::content;
use codex_remote_auth::lessons::{Expect, Lesson, Releases};

/// That the amended text is a lesson which says of each release of the run what it showed, and else what it said before.
pub(super) fn verify(old: &Lesson, amended: &str, seen: &[Seen<'_>]) -> Result<(), String> {
    let new: Lesson = toml::from_str(amended)
        .map_err(|error| format!("the amended text would be no lesson: {}", error.message()))?;
    let steps = old.steps().zip(new.steps());
    for (number, ((_, before), (_, after))) in steps.enumerate() {
        for Seen { release, cell } in seen {
            let said = |expects: &[Expect]| -> Vec<Expect> {
                let here = expects.iter().filter(|expect| expect.codex.contains(release));
                here.map(|expect| Expect { codex: Releases::all(), ..expect.clone() }).collect()
            };
            let mut wanted = said(&before.expect);
            if let (Some(step), [only]) = (cell.steps().get(number), wanted.as_mut_slice())
                && !step.failures.is_empty()
            {
                let shows = content(only, step)?;
                *only = Expect {
                    exit: shows.exit,
                    hangs: shows.hangs,
                    stdout: shows.stdout,
                    stderr: shows.stderr,
                    diagnosis: shows.diagnosis,
                    ..only.clone()
                };
            }
            if said(&after.expect) != wanted {
                return Err(format!(
                    "the amended text would not say what step {} shows on {release}",
                    number + 1
                ));
            }
        }
    }
    Ok(())
}
