//! What has to be true on a host before a login is sent to it. Every command that writes uses these checks.
//!
//! A guard that cannot check stops the work. Only a person can override it.

use std::time::SystemTime;

use super::refusal::{TOO_LARGE, UNREADABLE, UNREADABLE_BY_MODE};
use super::{FileFacts, Force, Guard, Kind, Look, Refusal, RemoteFile};
use crate::auth_json::{AuthFile, Existing, MAX_BYTES, Ownership, minute_of, unix_seconds};

/// How the login on a host compares with the one to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// There is no auth.json.
    Nothing,
    /// A symbolic link, which the caller wants to replace.
    Link,
    /// The same bytes.
    Same,
    /// A file that no codex reads as a login, an older login of the same owner, or a login whose guard a person
    /// overrides.
    Replaceable {
        /// The SHA-256 of the file; `None` if it could not be read.
        sha256: Option<String>,
        /// Why the file is not a login, if it is not.
        broken: Option<String>,
    },
}

impl Look {
    /// Whether a login can be put into the account's Codex home.
    ///
    /// # Errors
    /// The first [`Refusal`] about the home.
    pub fn check_home(&self, force: &Force) -> Result<(), Refusal> {
        if !self.has_null {
            return Err(Refusal::NoNullDevice);
        }
        if !self.missing.is_empty() {
            return Err(Refusal::MissingTools { names: self.missing.join(", ") });
        }
        let uid = self.uid.ok_or(Refusal::CannotTell { what: "who the account is" })?;
        if self.home.is_empty() || self.home_is.is_empty() {
            return Err(Refusal::NoHome { home: self.home.clone() });
        }
        if !self.home_is_the_accounts(uid) && !force.has(Guard::OtherHome) {
            let (home, should) = (self.home.clone(), self.home_should.clone().unwrap_or_default());
            return Err(Refusal::OtherHome { home, should });
        }
        if self.codex_home_variable.starts_with('~') {
            return Err(Refusal::TildeInCodexHome { set: self.codex_home_variable.clone() });
        }
        if self.blocked {
            return Err(Refusal::HomeNotADirectory { path: self.codex_home.clone() });
        }
        match &self.directory {
            RemoteFile::Absent => {}
            RemoteFile::There { facts: None, .. } => {
                return Err(Refusal::CannotTell { what: "who owns the Codex home" });
            }
            RemoteFile::There { facts: Some(facts), .. } if facts.owner != uid => {
                return Err(Refusal::HomeNotOurs { path: self.codex_home.clone(), owner: facts.owner });
            }
            RemoteFile::There { facts: Some(facts), .. }
                if self.above.is_empty() && facts.mode & 0o100 == 0 =>
            {
                return Err(Refusal::HomeClosed { path: self.codex_home.clone(), mode: facts.mode });
            }
            RemoteFile::There { .. } => {}
        }
        if force.has(Guard::OpenFolder) { Ok(()) } else { self.check_folders_above() }
    }

    /// Whoever can write to a folder above the Codex home can replace the Codex home. In a folder with the sticky bit,
    /// such as /tmp, others can only replace what belongs to them.
    fn check_folders_above(&self) -> Result<(), Refusal> {
        if self.above.is_empty() {
            return Err(Refusal::CannotTell { what: "who may write above the Codex home" });
        }
        for (path, facts) in &self.above {
            let Some(facts) = facts else {
                return Err(Refusal::CannotTell { what: "who may write above the Codex home" });
            };
            if !self.is_trusted(facts.owner) || self.others_can_write(*facts) && facts.mode & 0o1000 == 0 {
                return Err(Refusal::FolderOpenToOthers { path: path.clone() });
            }
        }
        Ok(())
    }

    /// Whether nobody else can write to the files that decide where codex sends the login and what it starts.
    ///
    /// # Errors
    /// [`Refusal::FileOpenToOthers`].
    pub(crate) fn check_files(&self, force: &Force) -> Result<(), Refusal> {
        let path = |name| format!("{}/{name}", self.codex_home);
        let open = |facts: &Option<FileFacts>| {
            facts.is_none_or(|facts| !self.is_trusted(facts.owner) || self.others_can_write(facts))
        };
        match self.deciding.iter().find(|(_, facts)| open(facts)) {
            Some((name, _)) if !force.has(Guard::Settings) => {
                Err(Refusal::FileOpenToOthers { path: path(name) })
            }
            _ => Ok(()),
        }
    }

    /// The account itself and the system's administrator are trusted.
    fn is_trusted(&self, owner: u32) -> bool {
        Some(owner) == self.uid || owner == 0
    }

    /// Whether somebody else can write to it. The account's own group has no other member. But an access list can name
    /// others, and its mask is shown as the group's permissions.
    fn others_can_write(&self, facts: FileFacts) -> bool {
        let by_group = facts.mode & 0o020 != 0 && (facts.has_list || Some(facts.group) != self.private_group);
        facts.mode & 0o002 != 0 || by_group
    }

    /// If the system's records do not name the home directory, it has to belong to the account.
    fn home_is_the_accounts(&self, uid: u32) -> bool {
        match &self.home_should {
            Some(should) => *should == self.home_is,
            None => self.home_facts.is_some_and(|facts| facts.owner == uid),
        }
    }

    /// Whether others can write to the Codex home.
    pub fn home_is_open(&self) -> bool {
        self.directory.facts().is_some_and(|facts| facts.is_open())
    }

    /// The path of `auth.json`.
    pub fn auth_path(&self) -> String {
        format!("{}/auth.json", self.codex_home)
    }

    /// What kind of file `auth.json` is.
    ///
    /// # Errors
    /// [`Refusal::CannotTell`] if it exists but the host could not report its kind.
    pub fn auth_kind(&self) -> Result<Option<Kind>, Refusal> {
        match &self.auth {
            RemoteFile::Absent => Ok(None),
            RemoteFile::There { facts: Some(FileFacts { kind, .. }), .. } => Ok(Some(*kind)),
            RemoteFile::There { facts: None, .. } => {
                Err(Refusal::CannotTell { what: "what kind of file auth.json is" })
            }
        }
    }

    /// Whether a backup may replace the file that an earlier one has saved.
    ///
    /// # Errors
    /// [`Refusal::SavedLogin`] if that file may be the only copy of another account's login, [`Refusal::UnknownLogin`] if it
    /// cannot be read.
    pub(crate) fn check_saved(&self, ours: &AuthFile, force: &Force) -> Result<(), Refusal> {
        let path = format!("{}.before", self.auth_path());
        let Some(saved) = self.before.bytes() else {
            // What is no file, the script does not replace.
            let is_no_file = |facts: FileFacts| matches!(facts.kind, Kind::Directory | Kind::Other);
            let may_go = !self.before.is_there()
                || self.before.followed().is_some_and(is_no_file)
                || force.has(Guard::UnknownLogin);
            let why = UNREADABLE.to_owned();
            return if may_go { Ok(()) } else { Err(Refusal::UnknownLogin { path, why }) };
        };
        let is_there_too = self.auth.bytes().is_some_and(|bytes| bytes.expose() == saved.expose());
        let is_ours = |login: &AuthFile| ours.owner_compared_with(login) == Ownership::Same;
        let may_go = match Existing::read(saved.expose()) {
            Existing::NotALogin { .. } => true,
            Existing::Unknown { .. } => false,
            Existing::Login(login) | Existing::Unreadable { login, .. } => is_ours(&login),
        };
        if may_go || is_there_too || force.has(Guard::SavedLogin) {
            return Ok(());
        }
        Err(Refusal::SavedLogin { path })
    }

    /// Whether a rollback may restore the saved file: what codex cannot read must not replace a login that may work.
    ///
    /// # Errors
    /// [`Refusal::BackupNotALogin`].
    pub(crate) fn check_backup(&self) -> Result<(), Refusal> {
        let saved = self.before.bytes().map(|bytes| Existing::read(bytes.expose()));
        match saved {
            Some(Existing::NotALogin { why }) if self.auth.is_there() => {
                let path = format!("{}.before", self.auth_path());
                Err(Refusal::BackupNotALogin { path, why: why.what() })
            }
            _ => Ok(()),
        }
    }

    /// Whether the saved login was renewed before the login in use, and both are of the same account: then its refresh token may
    /// have been used.
    pub(crate) fn backup_is_older(&self) -> bool {
        let login = |file: &RemoteFile| match Existing::read(file.bytes()?.expose()) {
            Existing::Login(login) => Some(login),
            _ => None,
        };
        let (Some(saved), Some(used)) = (login(&self.before), login(&self.auth)) else { return false };
        saved.form().rotates()
            && matches!(saved.owner_compared_with(&used), Ownership::Same)
            && saved.last_refresh() < used.last_refresh()
    }

    /// Compares the login on the host with the one to send.
    ///
    /// # Errors
    /// A [`Refusal`] if this would lose a login that is newer or somebody else's, or if that cannot be determined.
    pub fn compare(&self, ours: &AuthFile, replace_link: bool, force: &Force) -> Result<Compared, Refusal> {
        let path = self.auth_path();
        match self.auth_kind()? {
            None => return Ok(Compared::Nothing),
            Some(Kind::File) => {}
            Some(Kind::Link) if replace_link => return Ok(Compared::Link),
            Some(Kind::Link) => return Err(Refusal::AuthIsALink { path }),
            Some(Kind::Directory | Kind::Other) => return Err(Refusal::AuthNotAFile { path }),
        }
        let Some(bytes) = self.auth.bytes() else {
            if force.has(Guard::UnknownLogin) {
                return Ok(Compared::Replaceable { sha256: None, broken: None });
            }
            let facts = self.auth.facts();
            let why = match facts {
                Some(facts) if facts.size > MAX_BYTES => TOO_LARGE,
                Some(facts) if Some(facts.owner) == self.uid => UNREADABLE_BY_MODE,
                _ => UNREADABLE,
            };
            return Err(Refusal::UnknownLogin { path, why: why.to_owned() });
        };
        let sha256 = Some(bytes.sha256());
        if bytes.expose() == ours.bytes().expose() {
            // A file of another user is replaced even if it is the same: codex could not renew it.
            let is_ours = self.auth.facts().map(|facts| facts.owner) == self.uid;
            return Ok(if is_ours { Compared::Same } else { Compared::Replaceable { sha256, broken: None } });
        }
        let unknown = |why: String| match force.has(Guard::UnknownLogin) {
            true => Ok(()),
            false => Err(Refusal::UnknownLogin { path: path.clone(), why }),
        };
        if ours.is_unchecked() {
            unknown("nothing is known about the file to send".to_owned())?;
            return Ok(Compared::Replaceable { sha256, broken: None });
        }
        let (theirs_is, broken) = match Existing::read(bytes.expose()) {
            Existing::NotALogin { why } => {
                return Ok(Compared::Replaceable { sha256, broken: Some(why.what()) });
            }
            Existing::Unknown { why } => {
                unknown(why.what())?;
                return Ok(Compared::Replaceable { sha256, broken: None });
            }
            Existing::Login(theirs) => (theirs, None),
            Existing::Unreadable { login, why } => (login, Some(why.what())),
        };
        let ours_is = ours;
        match ours_is.owner_compared_with(&theirs_is) {
            Ownership::Another { ours, theirs } if !force.has(Guard::AnotherLogin) => {
                return Err(another_login(ours_is, ours, &theirs_is, theirs));
            }
            // Logins of different owners are not compared by time.
            Ownership::Another { .. } => return Ok(Compared::Replaceable { sha256, broken }),
            Ownership::Unknown { why } => unknown(why.to_string())?,
            Ownership::Same => {}
        }
        let now = unix_seconds(SystemTime::now());
        if let Some(ended) = ours_is.ended_at(now)
            && theirs_is.ended_at(now).is_none()
            && !force.has(Guard::NewerLogin)
        {
            return Err(Refusal::OursHasEnded { at: minute_of(ended).unwrap_or_default() });
        }
        if theirs_is.can_renew()
            && ours_is.form().rotates()
            && !ours_is.can_renew()
            && !force.has(Guard::NewerLogin)
        {
            return Err(Refusal::OursCannotRenew);
        }
        if let (Some(ours), Some(theirs)) = (ours_is.last_refresh(), theirs_is.last_refresh()) {
            for (whose, at) in [("your login", ours), ("the host's login", theirs)] {
                if at.is_in_the_future(now) {
                    let at = at.to_minute();
                    unknown(format!(
                        "{whose} says that it was renewed in the future ({at}), so the times cannot be compared"
                    ))?;
                }
            }
        }
        // Of a login without a time, the expiry may say that it is the newer one.
        if let (Some(ours), Some(theirs)) = (ours_is.expires_at(), theirs_is.expires_at()) {
            let undated = match (ours_is.last_refresh(), theirs_is.last_refresh()) {
                (_, None) if theirs > ours => Some(("the host's login", "yours")),
                (None, Some(_)) if ours > theirs => Some(("your login", "the host's")),
                _ => None,
            };
            if let Some((whose, other)) = undated {
                unknown(format!(
                    "{whose} does not say when it was renewed, but its access token expires after {other}"
                ))?;
            }
        }
        if ours_is.form().rotates()
            && !force.has(Guard::NewerLogin)
            && let Some(there) = theirs_is.last_refresh()
            && ours_is.last_refresh().is_none_or(|ours| there > ours)
        {
            let ours = match ours_is.last_refresh() {
                Some(ours) => format!("{}; the host's is {}", ours.to_minute(), there.compared_with(ours)),
                None => "never".to_owned(),
            };
            let email = ours_is.masked_email().unwrap_or("your account").to_owned();
            return Err(Refusal::RemoteIsNewer { email, there: there.to_minute(), ours });
        }
        Ok(Compared::Replaceable { sha256, broken })
    }
}

/// The refusal with both sides: whose they are, when each was renewed, and the difference.
fn another_login(ours: &AuthFile, our_owner: String, theirs: &AuthFile, their_owner: String) -> Refusal {
    let renewed = |auth: &AuthFile| {
        auth.last_refresh().map_or_else(String::new, |at| format!(", renewed {}", at.to_minute()))
    };
    let email = |auth: &AuthFile| auth.masked_email().map_or_else(String::new, |email| format!("{email}, "));
    let difference = match (theirs.last_refresh(), ours.last_refresh()) {
        (Some(there), Some(here)) => format!("; the host's is {}", there.compared_with(here)),
        _ => String::new(),
    };
    Refusal::AnotherLogin {
        there: format!("{}{their_owner}{}", email(theirs), renewed(theirs)),
        ours: format!("{}{our_owner}{}{difference}", email(ours), renewed(ours)),
    }
}
