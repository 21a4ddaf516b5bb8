//! A deliberate defect under which a lesson has to fail: its name, and the step and field that have to fail.

use std::fmt;

use serde::Deserialize;

use super::Field;

/// What a mutant changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MutantKind {
    /// The stub, which then behaves differently from the real codex.
    Stub,
    /// The deploy logic.
    Deploy,
    /// The setup of the remote account.
    Account,
    /// A program on the machine that deploys.
    Client,
}

impl MutantKind {
    const ALL: [(&'static str, Self); 4] = [
        ("stub", Self::Stub),
        ("deploy", Self::Deploy),
        ("account", Self::Account),
        ("client", Self::Client),
    ];
}

/// A mutant of a lesson. A failure in another step or field does not count, since it may have another reason.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// The mutant.
    pub id: MutantName,
    /// The heading of the step that has to fail: `wrong`, or `right: by name`.
    pub step: String,
    /// The field of the step's `expect` that has to fail.
    pub field: Field,
}

/// `KIND:NAME`, as in `stub:git-check-skipped`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct MutantName {
    /// The kind of the change.
    pub kind: MutantKind,
    /// The name of the change.
    pub name: String,
}

impl TryFrom<String> for MutantName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = MutantKind::ALL.iter().find_map(|(prefix, kind)| {
            let name = text.strip_prefix(prefix)?.strip_prefix(':')?;
            Some(Self { kind: *kind, name: name.to_owned() })
        });
        known.ok_or_else(|| {
            format!(
                "`{text}` is no mutant; write `stub:NAME`, `deploy:NAME`, `account:NAME` or `client:NAME`"
            )
        })
    }
}

impl fmt::Display for MutantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix =
            MutantKind::ALL.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(prefix, _)| prefix);
        write!(f, "{prefix}:{}", self.name)
    }
}
