//! What the script saw on the host, before anything was sent.

use std::path::Path;

use super::file_facts::{FileFacts, Kind};
use super::reply::Reply;
use crate::auth_json::Secret;
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
    /// What is known of that directory. It is asked only where the system's records name no home.
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

/// Who the account is, as `id` says it: `uid=1000(me) gid=1000(me) groups=…`. A number may have no name.
#[derive(Debug, Default, PartialEq, Eq)]
struct RemoteAccount {
    uid: Option<u32>,
    user: String,
    /// The account's group, where it is a group of one member: Ubuntu, Fedora and RHEL give every account one, by its name.
    private_group: Option<u32>,
}

impl RemoteAccount {
    fn parse(text: &str) -> Self {
        let Some((user, rest)) = text.strip_prefix("uid=").and_then(|text| text.split_once(" gid=")) else {
            return Self::default();
        };
        // Names of groups may have blanks in them.
        let group = rest.split_once(" groups=").map_or(rest, |(group, _)| group);
        let ((uid, user), (gid, group)) = (named(user), named(group));
        let private_group = gid.filter(|_| !user.is_empty() && user == group);
        Self { uid, user: user.to_owned(), private_group }
    }
}

/// `1000(me)`: a number and its name.
fn named(text: &str) -> (Option<u32>, &str) {
    let (number, name) = text.split_once('(').unwrap_or((text, ""));
    (number.parse().ok(), name.strip_suffix(')').unwrap_or_default())
}

/// Every folder from the nearest to the root, each with a slash behind it, and what is known of it. The script lists them as
/// `.`, `..`, `../..` and so on. Empty where the nearest could not be entered.
fn folders(reply: &Reply) -> Vec<(String, Option<FileFacts>)> {
    let Some(nearest) = reply.fact("folder") else { return Vec::new() };
    let lines: Vec<&str> = reply.all("level").collect();
    let paths = Path::new(nearest).ancestors();
    paths
        .enumerate()
        .map(|(level, path)| {
            let name = if level == 0 { ".".to_owned() } else { vec![".."; level].join("/") };
            let mut of_this = lines.iter().filter(|line| line.split(' ').next_back() == Some(&name));
            let facts = of_this.next().and_then(|line| FileFacts::parse(line));
            let path = format!("{}/", path.to_string_lossy().trim_end_matches('/'));
            (path, facts)
        })
        .collect()
}

impl Look {
    pub(super) fn read(reply: &mut Reply) -> Self {
        let text = |key: &str| reply.fact(key).unwrap_or_default().to_owned();
        let account = reply.fact("account").map(RemoteAccount::parse).unwrap_or_default();
        let mut above = folders(reply);
        let directory = reply.fact("directory").map_or(RemoteFile::Absent, |_| {
            let facts = if above.is_empty() { None } else { above.remove(0).1 };
            RemoteFile::There { facts, target: None, bytes: None }
        });
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
            uid: account.uid,
            user: account.user,
            private_group: account.private_group,
            shell: text("shell"),
            home: text("home"),
            home_is: text("home-is"),
            home_facts: reply.fact("home-about").and_then(FileFacts::parse),
            home_should: reply.fact("home-should").filter(|home| !home.is_empty()).map(str::to_owned),
            variables: reply.all("variable").map(str::to_owned).collect(),
            codex_home_variable: text("set-home"),
            codex_home: text("codex-home"),
            has_digest: reply.fact("can-digest").is_some(),
            directory,
            above,
            blocked: reply.fact("blocked").is_some(),
            deciding: Vec::new(),
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
        look.auth = RemoteFile::read(reply, "auth");
        look.before = RemoteFile::read(reply, "before");
        look.config = RemoteFile::read(reply, "config");
        look.system_config = RemoteFile::read(reply, "system");
        look.managed_config = RemoteFile::read(reply, "managed");
        if look.config.is_there() {
            look.deciding.push(("config.toml", look.config.followed()));
        }
        if let Some(facts) = reply.fact("env-file") {
            look.deciding.push((".env", FileFacts::parse(facts)));
        }
        look
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_what_id_prints() {
        let account =
            |uid, user: &str, private_group| RemoteAccount { uid, user: user.to_owned(), private_group };
        let rows = [
            ("uid=1000(me) gid=1000(me) groups=1000(me),27(sudo)", account(Some(1000), "me", Some(1000))),
            ("uid=501(me) gid=20(staff) groups=20(staff)", account(Some(501), "me", None)),
            ("uid=7(me) gid=7(me)", account(Some(7), "me", Some(7))),
            ("uid=9(a b) gid=8(domain users) groups=8(domain users)", account(Some(9), "a b", None)),
            ("uid=1234 gid=1234 groups=1234", account(Some(1234), "", None)),
            ("uid=1234 gid=1000(me) groups=1000(me)", account(Some(1234), "", None)),
            ("", account(None, "", None)),
            ("id: cannot find name", account(None, "", None)),
        ];
        for (text, expected) in rows {
            assert_eq!(RemoteAccount::parse(text), expected, "{text}");
        }
    }

    fn seen(lines: &str) -> Vec<(String, Option<u32>)> {
        let mut reply = Reply::default();
        assert_eq!(reply.read_to(format!("{lines}M looked\n").as_bytes(), "M", "looked"), Ok(true));
        folders(&reply).into_iter().map(|(path, facts)| (path, facts.map(|facts| facts.mode))).collect()
    }

    #[test]
    fn every_folder_up_to_the_root_has_its_own_facts() {
        let lines = "M folder /home/a b\n\
            M level drwx------ 4 1000 1000 80 Jan 1 00:00 .\n\
            M level drwxr-xr-x 4 0 0 80 Jan 1 00:00 ..\n\
            M level drwxrwxrwt 4 0 0 80 Jan 1 00:00 ../..\n";
        let expected = [("/home/a b/", 0o700), ("/home/", 0o755), ("/", 0o1777)];
        assert_eq!(seen(lines), expected.map(|(path, mode)| (path.to_owned(), Some(mode))));
        let root = seen("M folder /\nM level drwxr-xr-x 4 0 0 80 Jan 1 00:00 .\n");
        assert_eq!(root, [("/".to_owned(), Some(0o755))]);
    }

    #[test]
    fn a_folder_of_which_nothing_was_said_is_unknown() {
        let lines = "M folder /home/me\nM level drwx------ 4 1000 1000 80 Jan 1 00:00 .\n";
        let facts: Vec<_> = seen(lines).into_iter().map(|(_, mode)| mode).collect();
        assert_eq!(facts, [Some(0o700), None, None]);
        assert_eq!(seen(""), []);
    }
}
