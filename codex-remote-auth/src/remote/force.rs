//! Which guards a person overrides.

use std::collections::BTreeSet;

/// A check that stops a deploy and that a person can override.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// The login on the host is newer.
    NewerLogin,
    /// The login on the host is of another account, person, key or form.
    AnotherLogin,
    /// A backup would replace a saved file that may be the only copy of another account's login.
    SavedLogin,
    /// The configuration on the host would ignore or delete the login.
    Settings,
    /// It cannot be determined whether there is a login on the host, or whose it is.
    UnknownLogin,
    /// It cannot be determined what the configuration on the host does.
    UnknownSettings,
    /// `HOME` on the host is not the account's home directory.
    OtherHome,
    /// Others can write to a folder above the Codex home.
    OpenFolder,
}

impl Guard {
    /// Every guard.
    pub const ALL: [Self; 8] = [
        Self::NewerLogin,
        Self::AnotherLogin,
        Self::SavedLogin,
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
            Self::SavedLogin => "saved-login",
            Self::Settings => "settings",
            Self::UnknownLogin => "unknown-login",
            Self::UnknownSettings => "unknown-settings",
            Self::OtherHome => "other-home",
            Self::OpenFolder => "open-folder",
        }
    }
}

/// The guards that a person overrides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Force(BTreeSet<Guard>);

impl Force {
    /// The guards that a plain `--force` overrides: their reason is known and was shown. If something could not be
    /// determined, or if a login would be lost besides the one on the host, its guard has to be named.
    pub fn known() -> Self {
        Self([Guard::NewerLogin, Guard::AnotherLogin, Guard::Settings].into())
    }

    /// Adds one guard.
    #[must_use]
    pub fn with(mut self, guard: Guard) -> Self {
        self.0.insert(guard);
        self
    }

    /// Whether this guard is overridden.
    pub fn has(&self, guard: Guard) -> bool {
        self.0.contains(&guard)
    }
}

impl FromIterator<Guard> for Force {
    fn from_iter<I: IntoIterator<Item = Guard>>(guards: I) -> Self {
        Self(guards.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_force_overrides_only_what_was_seen() {
        let known = [Guard::NewerLogin, Guard::AnotherLogin, Guard::Settings];
        for guard in Guard::ALL {
            assert_eq!(Force::known().has(guard), known.contains(&guard), "{guard:?}");
            assert!(Force::default().with(guard).has(guard) && !Force::default().has(guard));
        }
    }

    #[test]
    fn each_guard_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Guard::ALL.into_iter().map(Guard::name).collect();
        assert_eq!(names.len(), Guard::ALL.len());
        assert!(names.iter().all(|name| name.len() > 5), "{names:?}");
    }
}
