//! Which guards a person has overridden.

use std::collections::BTreeSet;

/// What stops a deploy, and can be overridden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// The login on the host is newer.
    NewerLogin,
    /// The login on the host is of another account, person, key or form.
    AnotherLogin,
    /// The configuration on the host would ignore or delete the login.
    Settings,
    /// Whether there is a login on the host, and whose, cannot be told.
    UnknownLogin,
    /// What the configuration on the host does cannot be told.
    UnknownSettings,
    /// `HOME` on the host is not the account's own.
    OtherHome,
    /// Others can write to a folder above the Codex home.
    OpenFolder,
}

impl Guard {
    /// Every guard.
    pub const ALL: [Self; 7] = [
        Self::NewerLogin,
        Self::AnotherLogin,
        Self::Settings,
        Self::UnknownLogin,
        Self::UnknownSettings,
        Self::OtherHome,
        Self::OpenFolder,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::NewerLogin => "newer-login",
            Self::AnotherLogin => "another-login",
            Self::Settings => "settings",
            Self::UnknownLogin => "unknown-login",
            Self::UnknownSettings => "unknown-settings",
            Self::OtherHome => "other-home",
            Self::OpenFolder => "open-folder",
        }
    }
}

/// The guards that a person has overridden.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Force(BTreeSet<Guard>);

impl Force {
    /// Those whose reason is known and was shown: what `--force` alone overrides. What could not be determined has to be
    /// overridden by its name.
    pub fn known() -> Self {
        Self([Guard::NewerLogin, Guard::AnotherLogin, Guard::Settings].into())
    }

    /// One more.
    #[must_use]
    pub fn with(mut self, guard: Guard) -> Self {
        self.0.insert(guard);
        self
    }

    /// Whether this one is overridden.
    pub fn has(&self, guard: Guard) -> bool {
        self.0.contains(&guard)
    }
}

impl FromIterator<Guard> for Force {
    fn from_iter<I: IntoIterator<Item = Guard>>(guards: I) -> Self {
        Self(guards.into_iter().collect())
    }
}
