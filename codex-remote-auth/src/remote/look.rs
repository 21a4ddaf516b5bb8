//! What the script saw on the host before anything was sent.

use std::path::Path;

use super::codex_places::in_order;
use super::file_facts::{FileFacts, Kind};
use super::reply::Reply;
use crate::auth_json::Secret;
use crate::codex::{FoundBy, NearMiss};

/// What the script saw: the account, the Codex home, the files that decide about a login, and every codex.
#[derive(Debug)]
pub struct Look {
    /// How many bytes the account's rc files printed before the script started.
    pub noise: usize,
    /// The number of the account's user; `None` if the host could not report it.
    pub uid: Option<u32>,
    /// The account's name, or empty.
    pub user: String,
    /// The number of the account's group, if it has the account's name. By convention, nobody else is in such a group.
    pub private_group: Option<u32>,
    /// Tools that the script needs but that are not on the account's PATH.
    pub missing: Vec<String>,
    /// Whether it is not known if another program has the input of the script open.
    pub unwatched: bool,
    /// Whether the account can write to `/dev/null`.
    pub has_null: bool,
    /// The account's login shell, or empty.
    pub shell: String,
    /// `HOME` as it is set.
    pub home: String,
    /// The real directory of `HOME`; empty if it cannot be entered.
    pub home_is: String,
    /// The facts of that directory. They are only read if the system's records name no home directory.
    pub home_facts: Option<FileFacts>,
    /// The account's home directory by the system's records; `None` if they do not name one.
    pub home_should: Option<String>,
    /// Names of variables that affect codex and that are not empty. Their values are not read.
    pub variables: Vec<String>,
    /// `CODEX_HOME` as it is set; empty if it is not set.
    pub codex_home_variable: String,
    /// The absolute path of the Codex home.
    pub codex_home: String,
    /// Whether the host can compute SHA-256.
    pub has_digest: bool,
    /// The Codex home, if it is a directory.
    pub directory: RemoteFile,
    /// Every folder above the Codex home, from the nearest on: its path and its facts.
    pub above: Vec<(String, Option<FileFacts>)>,
    /// Whether something that is not a directory has the path of the Codex home.
    pub blocked: bool,
    /// The Codex home, or the nearest folder above it that exists, if the account cannot write to it.
    pub not_writable: Option<String>,
    /// `auth.json`.
    pub auth: RemoteFile,
    /// `auth.json.before`.
    pub before: RemoteFile,
    /// `.env`, whose variables codex reads.
    pub dotenv: RemoteFile,
    /// The files that decide where codex sends the login: their names, and their facts with links followed.
    pub deciding: Vec<(&'static str, Option<FileFacts>)>,
    /// `config.toml` of the account.
    pub config: RemoteFile,
    /// `config.toml` of the system.
    pub system_config: RemoteFile,
    /// The configuration managed by an administrator.
    pub managed_config: RemoteFile,
    /// Every codex, in the order in which it is called: on the PATH, where installers put it, the newest version first.
    pub codex: Vec<Candidate>,
    /// Something with the name of codex that cannot be run.
    pub near_miss: Option<NearMiss>,
    /// The PATH of a login shell, if it was asked for.
    pub login_path: Option<String>,
    /// The PATH of an interactive shell, if it was asked for.
    pub terminal_path: Option<String>,
}

/// A file on the host, as far as the script could look at it.
#[derive(Debug)]
pub enum RemoteFile {
    /// It does not exist.
    Absent,
    /// It exists.
    There {
        /// Its facts; `None` if the host's tools could not report them.
        facts: Option<FileFacts>,
        /// The facts of a link's target; `None` if this is not a link, or the target does not exist.
        target: Option<FileFacts>,
        /// Its bytes; `None` if it is not a regular file, cannot be read, is larger than 1 MiB, or was not asked for.
        bytes: Option<Secret>,
    },
}

/// A codex that the script saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// How it was found.
    pub by: FoundBy,
    /// Its absolute path.
    pub path: String,
    /// Whether the account may execute it.
    pub runnable: bool,
}

impl RemoteFile {
    pub(super) fn read(reply: &mut Reply, name: &str) -> Self {
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

    /// Sets new facts. The bytes were not read again.
    pub(crate) fn is_now(&mut self, facts: Option<FileFacts>) {
        *self = Self::There { facts, target: None, bytes: None };
    }

    /// The facts of the file itself: a link is reported as a link.
    pub fn facts(&self) -> Option<FileFacts> {
        match self {
            Self::There { facts, .. } => *facts,
            Self::Absent => None,
        }
    }

    /// The facts of the file, or of the target if it is a link.
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

/// The account, as `id` prints it: `uid=1000(me) gid=1000(me) groups=…`. A number may have no name.
#[derive(Debug, Default, PartialEq, Eq)]
struct RemoteAccount {
    uid: Option<u32>,
    user: String,
    /// The account's group, if it counts as one with a single member. Ubuntu, Fedora and RHEL create one for every
    /// account, with its name.
    private_group: Option<u32>,
}

impl RemoteAccount {
    fn parse(text: &str) -> Self {
        let Some((user, rest)) = text.strip_prefix("uid=").and_then(|text| text.split_once(" gid=")) else {
            return Self::default();
        };
        // Group names may contain spaces.
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

/// Every folder from the nearest to the root, each with a slash at the end, and its facts. The script lists them as
/// `.`, `..`, `../..` and so on. Empty if the nearest folder could not be entered.
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
        let directory = reply.fact("directory").map_or(RemoteFile::Absent, |about| {
            // In one that cannot be entered, nothing is listed.
            let facts = if above.is_empty() { FileFacts::parse(about) } else { above.remove(0).1 };
            RemoteFile::There { facts, target: None, bytes: None }
        });
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
            blocked: reply.fact("blocked").is_some_and(|facts| {
                // A directory was made while the script looked, by codex or by another deploy.
                FileFacts::parse(facts).is_none_or(|facts| facts.kind != Kind::Directory)
            }),
            not_writable: reply.fact("closed-to-us").map(str::to_owned),
            deciding: Vec::new(),
            missing: reply.all("missing").map(str::to_owned).collect(),
            unwatched: reply.fact("unwatched").is_some(),
            has_null: reply.fact("no-null").is_none(),
            auth: RemoteFile::Absent,
            before: RemoteFile::Absent,
            dotenv: RemoteFile::Absent,
            config: RemoteFile::Absent,
            system_config: RemoteFile::Absent,
            managed_config: RemoteFile::Absent,
            codex: Vec::new(),
            near_miss: None,
            login_path: None,
            terminal_path: None,
        };
        look.auth = RemoteFile::read(reply, "auth");
        look.before = RemoteFile::read(reply, "before");
        look.config = RemoteFile::read(reply, "config");
        look.system_config = RemoteFile::read(reply, "system");
        look.managed_config = RemoteFile::read(reply, "managed");
        if look.config.is_there() {
            look.deciding.push(("config.toml", look.config.followed()));
        }
        look.dotenv = RemoteFile::read(reply, "env-file");
        if look.dotenv.is_there() {
            look.deciding.push((".env", look.dotenv.followed()));
        }
        look.read_codex(reply);
        look
    }

    /// Reads where codex is, after a look or a search.
    pub(crate) fn read_codex(&mut self, reply: &Reply) {
        let candidates = reply.facts().filter_map(|(key, value)| {
            let runnable = match key {
                "codex" => true,
                "denied" => false,
                _ => return None,
            };
            let (by, path) = value.split_once(' ')?;
            Some(Candidate { by: FoundBy::parse(by)?, path: path.to_owned(), runnable })
        });
        let aliases: Vec<_> = reply.all("nvm-alias").filter_map(|alias| alias.split_once(' ')).collect();
        self.codex = in_order(candidates.collect(), &aliases);
        self.near_miss = reply.facts().find_map(|(key, value)| match (key, value) {
            ("dangling", link) => Some(NearMiss::BrokenLink(link.to_owned())),
            ("shell-word", "alias") => Some(NearMiss::ShellAlias),
            ("shell-word", "function") => Some(NearMiss::ShellFunction),
            _ => None,
        });
        let path = |by: &str| {
            let paths = reply.all("path").filter_map(|path| path.split_once(' '));
            let mut paths = paths.filter(|(kind, path)| *kind == by && !path.is_empty());
            paths.next().map(|(_, path)| path.to_owned())
        };
        self.login_path = path("login-path");
        self.terminal_path = path("terminal-path");
    }

    /// Whether `CODEX_HOME` is set to a path that is another folder wherever codex is called.
    pub(crate) fn has_relative_home(&self) -> bool {
        !self.codex_home_variable.is_empty() && !self.codex_home_variable.starts_with(['/', '~'])
    }

    /// Whether a plain command finds a codex that the account may execute.
    pub(crate) fn has_codex(&self) -> bool {
        self.codex.iter().any(|candidate| candidate.runnable)
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
    fn a_folder_that_was_not_listed_has_unknown_facts() {
        let lines = "M folder /home/me\nM level drwx------ 4 1000 1000 80 Jan 1 00:00 .\n";
        let facts: Vec<_> = seen(lines).into_iter().map(|(_, mode)| mode).collect();
        assert_eq!(facts, [Some(0o700), None, None]);
        assert_eq!(seen(""), []);
    }
}
