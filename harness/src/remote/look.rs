//! What the script saw on the host, before anything was sent.

use super::file_facts::{FileFacts, Kind};
use super::reply::Reply;
use crate::auth::{Secret, sha256_hex};
use crate::codex::FoundBy;

/// What the script saw: the account, the Codex home, the files that decide about a login, and every codex.
#[derive(Debug)]
pub struct Look {
    /// Bytes that the account's rc files printed before the script.
    pub noise: usize,
    /// The number of the account's user; `None` where the host could not say.
    pub uid: Option<u32>,
    /// Its name, or nothing.
    pub user: String,
    /// The number of the account's group, where that is the account's own: it has the account's name.
    pub private_group: Option<u32>,
    /// Tools that the script needs and that the account's PATH does not have.
    pub missing: Vec<String>,
    /// Its login shell, or nothing.
    pub shell: String,
    /// `HOME` as it is set.
    pub home: String,
    /// The directory that `HOME` leads to; empty where it leads nowhere.
    pub home_is: String,
    /// What is known of that directory.
    pub home_facts: Option<FileFacts>,
    /// The account's own home by the system's records; `None` where those could not be asked.
    pub home_should: Option<String>,
    /// Names of variables that are set and that matter to codex. Their values are not asked for.
    pub variables: Vec<String>,
    /// `CODEX_HOME` as it is set; empty where it is not.
    pub codex_home_variable: String,
    /// The whole path of the Codex home.
    pub codex_home: String,
    /// Whether the host can compute SHA-256.
    pub has_digest: bool,
    /// What is known of the Codex home, where it is a directory.
    pub directory: RemoteFile,
    /// Every folder above the Codex home, from the nearest: its path, and what is known of it.
    pub above: Vec<(String, Option<FileFacts>)>,
    /// Whether something else than a directory stands where the Codex home should.
    pub blocked: bool,
    /// `auth.json`.
    pub auth: RemoteFile,
    /// `auth.json.before`, without its bytes.
    pub before: RemoteFile,
    /// The files that say where codex sends the login, or what they lead to: their names, and what is known of them.
    pub deciding: Vec<(&'static str, Option<FileFacts>)>,
    /// `config.toml` of the account.
    pub config: RemoteFile,
    /// `config.toml` of the system.
    pub system_config: RemoteFile,
    /// The configuration that an administrator manages.
    pub managed_config: RemoteFile,
    /// Every codex, in the order of the search.
    pub codex: Vec<Candidate>,
    /// The PATH of a login shell, where it was asked.
    pub login_path: Option<String>,
}

/// A file on the host, as far as it could be looked at.
#[derive(Debug)]
pub enum RemoteFile {
    /// It does not exist.
    Absent,
    /// It exists.
    There {
        /// What it is; `None` where the host's tools could not say.
        facts: Option<FileFacts>,
        /// What a link leads to; `None` where it is no link, or leads nowhere.
        target: Option<FileFacts>,
        /// Its bytes; `None` where it is no regular file, cannot be read, is larger than 1 MiB, or was not asked for.
        bytes: Option<Secret>,
    },
}

/// A codex that the script saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// How it was found.
    pub by: FoundBy,
    /// Its whole path.
    pub path: String,
    /// Whether the account may run it.
    pub runnable: bool,
}

impl RemoteFile {
    fn read(reply: &mut Reply, name: &str) -> Self {
        let Some(facts) = reply.fact(name) else { return Self::Absent };
        Self::There {
            facts: FileFacts::parse(facts),
            target: reply.fact(&format!("{name}-link")).and_then(FileFacts::parse),
            bytes: reply.take_file(name),
        }
    }

    /// Whether it exists.
    pub fn is_there(&self) -> bool {
        matches!(self, Self::There { .. })
    }

    /// It is this now; its bytes were not read again.
    pub(crate) fn is_now(&mut self, facts: Option<FileFacts>) {
        *self = Self::There { facts, target: None, bytes: None };
    }

    /// What it is itself: a link is a link.
    pub fn facts(&self) -> Option<FileFacts> {
        match self {
            Self::There { facts, .. } => *facts,
            Self::Absent => None,
        }
    }

    /// What it is, or what it leads to.
    pub fn followed(&self) -> Option<FileFacts> {
        match self {
            Self::There { facts: Some(FileFacts { kind: Kind::Link, .. }), target, .. } => *target,
            other => other.facts(),
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> Option<&Secret> {
        match self {
            Self::There { bytes, .. } => bytes.as_ref(),
            Self::Absent => None,
        }
    }
}

/// The account's group, where it is a group of one member: Ubuntu, Fedora and RHEL give every account one, by its name.
fn private_group(reply: &Reply) -> Option<u32> {
    let (_, user) = reply.fact("user")?.split_once(' ')?;
    let (number, group) = reply.fact("group")?.split_once(' ')?;
    if user.is_empty() || user != group {
        return None;
    }
    number.parse().ok()
}

impl Look {
    pub(super) fn read(reply: &mut Reply) -> Self {
        let text = |key: &str| reply.fact(key).unwrap_or_default().to_owned();
        let (uid, user) = reply.fact("user").and_then(|user| user.split_once(' ')).unwrap_or_default();
        let candidates = reply.facts().filter_map(|(key, value)| {
            let runnable = match key {
                "codex" => true,
                "denied" => false,
                _ => return None,
            };
            let (by, path) = value.split_once(' ')?;
            Some(Candidate { by: FoundBy::parse(by)?, path: path.to_owned(), runnable })
        });
        let candidates = candidates.collect();
        let mut look = Self {
            noise: reply.noise(),
            uid: uid.parse().ok(),
            user: user.to_owned(),
            shell: text("shell"),
            home: text("home"),
            home_is: text("home-is"),
            home_facts: reply.fact("home-about").and_then(FileFacts::parse),
            home_should: reply.fact("home-should").filter(|home| !home.is_empty()).map(str::to_owned),
            variables: reply.all("variable").map(str::to_owned).collect(),
            codex_home_variable: text("set-home"),
            codex_home: text("codex-home"),
            has_digest: reply.fact("tools") == Some(sha256_hex(b"").as_str()),
            directory: RemoteFile::Absent,
            above: reply
                .all("above")
                .map(str::to_owned)
                .zip(reply.all("above-is").map(FileFacts::parse))
                .collect(),
            blocked: reply.fact("blocked").is_some(),
            deciding: ["config.toml", ".env"]
                .into_iter()
                .filter_map(|name| Some((name, FileFacts::parse(reply.fact(&format!("open-{name}"))?))))
                .collect(),
            private_group: private_group(reply),
            missing: reply.all("missing").map(str::to_owned).collect(),
            auth: RemoteFile::Absent,
            before: RemoteFile::Absent,
            config: RemoteFile::Absent,
            system_config: RemoteFile::Absent,
            managed_config: RemoteFile::Absent,
            codex: candidates,
            login_path: reply
                .all("path")
                .find_map(|path| path.strip_prefix("login-path "))
                .filter(|path| !path.is_empty())
                .map(str::to_owned),
        };
        look.directory = RemoteFile::read(reply, "directory");
        look.auth = RemoteFile::read(reply, "auth");
        look.before = RemoteFile::read(reply, "before");
        look.config = RemoteFile::read(reply, "config");
        look.system_config = RemoteFile::read(reply, "system");
        look.managed_config = RemoteFile::read(reply, "managed");
        look
    }
}
