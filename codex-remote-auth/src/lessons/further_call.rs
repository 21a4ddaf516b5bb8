//! Calls outside the lessons on which the stub is compared with the real Codex. They have no expectations: whatever the real one does
//! is right.

use std::path::Path;

use serde::Deserialize;

use super::catalogue::malformed;
use super::{Action, CatalogueProblem, Given, Releases, StdinKind, Step};

/// A call that the stub and the real Codex are compared on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurtherCall {
    /// Its name: lower-case words joined by hyphens.
    pub id: String,
    /// What it is about, in one line.
    pub about: String,
    /// The releases that it applies to.
    #[serde(default)]
    pub codex: Releases,
    /// The command of the remote account.
    pub run: String,
    /// What the command gets on its standard input.
    #[serde(default)]
    pub stdin: StdinKind,
    /// The account before it runs.
    #[serde(default)]
    pub given: Given,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    call: Vec<FurtherCall>,
}

/// The time limit of such a command in seconds. Some call codex several times.
const DEADLINE: f64 = 30.0;

impl FurtherCall {
    /// Reads all calls of a file.
    ///
    /// # Errors
    /// [`CatalogueProblem::Unreadable`], [`CatalogueProblem::Malformed`], and [`CatalogueProblem::Duplicate`].
    pub fn read(path: &Path) -> Result<Vec<Self>, CatalogueProblem> {
        let text = std::fs::read_to_string(path).map_err(|error| CatalogueProblem::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let calls = toml::from_str::<File>(&text).map_err(|error| malformed(path, &text, &error))?.call;
        for (at, call) in calls.iter().enumerate() {
            if calls[..at].iter().any(|earlier| earlier.id == call.id) {
                let (first, second) = (path.to_owned(), path.to_owned());
                return Err(CatalogueProblem::Duplicate { id: call.id.clone(), first, second });
            }
        }
        Ok(calls)
    }

    /// The call as a step without expectations.
    pub fn step(&self) -> Step {
        Step {
            name: String::new(),
            action: Action::Run(self.run.clone()),
            stdin: self.stdin,
            deadline: DEADLINE,
            expect: Vec::new(),
        }
    }
}
