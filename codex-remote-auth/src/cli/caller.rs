//! What hints need to know about the call, so that their commands work when they are pasted.

use std::path::Path;

use super::reach::ReachArgs;
use super::{host_names, program_name};
use crate::message::Caller;

/// The caller of a command, with its SSH options and the options of the command itself.
pub(super) fn caller(verb: &str, reach: &ReachArgs, own: Own) -> Caller {
    let known = host_names::known(reach.config());
    Caller::new(program_name(), verb, reach.words(), own.0).knowing(known.into_iter().collect())
}

/// Options of a command, as words of a command line.
#[derive(Debug, Default)]
pub(super) struct Own(Vec<String>);

impl Own {
    /// An option without a value, if it was given.
    pub(super) fn flag(mut self, name: &str, is_given: bool) -> Self {
        self.0.extend(is_given.then(|| name.to_owned()));
        self
    }

    /// An option with a value, if it was given.
    pub(super) fn value(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            // In one word, so that a value may begin with a hyphen.
            self.0.push(format!("{name}={}", value.to_string()));
        }
        self
    }

    /// An option with a file, if it was given.
    pub(super) fn file(self, name: &str, file: Option<&Path>) -> Self {
        self.value(name, file.map(Path::display))
    }

    /// A word in full, such as `--force=NAME`.
    pub(super) fn word(mut self, word: String) -> Self {
        self.0.push(word);
        self
    }
}
