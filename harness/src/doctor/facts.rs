//! What the script saw over there.

use crate::deploy::{Listed, listed, stated};

/// What the script saw. A field that is empty was not there, or could not be told.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Why it stopped: a code and a detail.
    pub(super) error: Option<(String, String)>,
    pub(super) done: bool,
    /// Bytes that the account's rc files printed before us.
    pub(super) noise: usize,
    /// The user's name and number.
    pub(super) user: Option<(String, u32)>,
    pub(super) shell: String,
    /// Seconds since 1970 by the clock there.
    pub(super) clock: Option<i64>,
    /// Names of variables that are set.
    pub(super) variables: Vec<String>,
    pub(super) home: String,
    /// Whether `CODEX_HOME` is set.
    pub(super) moved: bool,
    pub(super) directory: Option<Listed>,
    pub(super) writable: bool,
    /// The Codex home, or where it would be made: the first directory above it that is there.
    pub(super) nearest: String,
    /// Something else than a directory stands where the Codex home should.
    pub(super) blocked: bool,
    /// A line of `df -Pk`.
    pub(super) space: String,
    /// What `quota -q` says of limits that are passed.
    pub(super) quota: String,
    /// Where auth.json leads to, where it is a symbolic link.
    pub(super) link: Option<String>,
    pub(super) file: Option<Listed>,
    pub(super) readable: bool,
    pub(super) digest: String,
    /// The last character that is no white space.
    pub(super) ends: String,
    /// `chatgpt`, `apikey`, or empty.
    pub(super) form: String,
    pub(super) renewable: bool,
    pub(super) account: String,
    /// Of whoever of a workspace it is.
    pub(super) person: String,
    pub(super) refreshed: String,
    /// Seconds since 1970.
    pub(super) expires: Option<i64>,
    /// auth.json is neither a file nor a link.
    pub(super) odd: bool,
    pub(super) strays: Vec<String>,
    pub(super) rests: usize,
    pub(super) store: String,
    pub(super) forced: String,
    /// The first profile in the form of before 0.134.
    pub(super) legacy: String,
    /// What `git rev-parse --is-inside-work-tree` says; `None` where there is no git.
    pub(super) git: Option<String>,
    /// codex on the PATH of plain commands.
    pub(super) plain: String,
    /// codex on the PATH of a login shell; `None` where that could not be asked.
    pub(super) at_login: Option<String>,
    /// codex on the PATH of an interactive shell.
    pub(super) at_terminal: Option<String>,
    pub(super) codex: String,
    pub(super) by: String,
    pub(super) release: String,
    /// What `codex doctor --json` said.
    pub(super) report: Option<String>,
    pub(super) forbidden: bool,
}

impl Facts {
    pub(super) fn read(stdout: &[u8], mark: &str) -> Self {
        let text = String::from_utf8_lossy(stdout);
        let mut facts =
            Self { noise: text.find(&format!("{mark} ")).unwrap_or(text.len()), ..Self::default() };
        let (begin, end) = (format!("{mark} report\n"), format!("{mark} reported"));
        if let Some((_, rest)) = text.split_once(&begin)
            && let Some((report, _)) = rest.split_once(&end)
        {
            facts.report = Some(report.trim().to_owned());
        }
        for (key, value) in stated(&text, mark) {
            facts.take(key, value.trim_end());
        }
        facts
    }

    fn take(&mut self, key: &str, value: &str) {
        let text = || value.to_owned();
        match key {
            "error" => {
                let (code, detail) = value.split_once(' ').unwrap_or((value, ""));
                self.error = Some((code.to_owned(), detail.to_owned()));
            }
            "user" => {
                let (name, number) = value.rsplit_once(' ').unwrap_or((value, ""));
                self.user = number.parse().ok().map(|number| (name.to_owned(), number));
            }
            "shell" => self.shell = text(),
            "clock" => self.clock = value.parse().ok(),
            "variable" => self.variables.push(text()),
            "home" => self.home = text(),
            "moved" => self.moved = value == "yes",
            "directory" => self.directory = listed(value),
            "writable" => self.writable = true,
            "nearest" => self.nearest = text(),
            "blocked" => self.blocked = true,
            "space" => self.space = text(),
            "quota" => self.quota = text(),
            "link" => self.link = Some(text()),
            "file" => self.file = listed(value),
            "readable" => self.readable = true,
            "digest" => self.digest = text(),
            "ends" => self.ends = text(),
            "form" => self.form = text(),
            "renewable" => self.renewable = true,
            "account" => self.account = text(),
            "person" => self.person = text(),
            "refreshed" => self.refreshed = text(),
            "expires" => self.expires = value.parse().ok(),
            "odd" => self.odd = true,
            "stray" => self.strays.push(text()),
            "rest" => self.rests += 1,
            "store" => self.store = text(),
            "forced" => self.forced = text(),
            "legacy" => self.legacy = text(),
            "git" => self.git = Some(text()),
            "plain" => self.plain = text(),
            "path" => {
                let (mode, found) = value.split_once(' ').unwrap_or((value, ""));
                let at = if mode == "-l" { &mut self.at_login } else { &mut self.at_terminal };
                *at = Some(found.to_owned());
            }
            "codex" => self.codex = text(),
            "by" => self.by = text(),
            "release" => self.release = text(),
            "forbidden" => self.forbidden = true,
            "done" => self.done = true,
            _ => {}
        }
    }
}
