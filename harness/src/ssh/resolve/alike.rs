//! Which hosts `ssh -G` would say the same of.
//!
//! A fleet is mostly configured alike, and to ask starts a program that costs more than the rest of what is done here for a
//! host. An answer serves another host only where nothing in the files that it came from tells the two apart.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::fields::Fields;
use crate::ssh::host_keys::matches;

/// What `ssh` is asked of a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// The host's name, as it was given.
    pub(super) host: String,
    /// `-l`.
    pub(super) user: Option<String>,
    /// `-p`.
    pub(super) port: Option<u16>,
    /// All other arguments.
    pub(super) others: Vec<String>,
}

/// What `ssh` has said so far.
#[derive(Debug, Default)]
pub(super) struct Memory {
    answers: HashMap<Question, Fields>,
    /// In which ways it was asked.
    ways: HashSet<Way>,
    configurations: Vec<Configuration>,
}

/// How `ssh` was asked, but for whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Way {
    user_is_named: bool,
    port_is_named: bool,
    others: Vec<String>,
}

/// Files that `ssh` read, and whom it was asked about then.
#[derive(Debug)]
struct Configuration {
    files: Vec<PathBuf>,
    names: Names,
    /// One host of each kind.
    hosts: HashMap<Kind, Question>,
}

/// What hosts have in common of which a configuration has `ssh` say the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    configuration: usize,
    way: Way,
    /// The numbers of the patterns that the host matches, as it is written and in lower case.
    matched: Vec<(usize, bool, bool)>,
}

/// What the configuration files say of hosts' names.
#[derive(Debug, Default, PartialEq, Eq)]
struct Names {
    /// All patterns of `Host` lines, each without its `!`.
    patterns: Vec<String>,
    /// The values of `HostName` lines.
    addresses: Vec<String>,
    /// Whether something else than those patterns tells hosts apart: `Match`, a token.
    told_apart: bool,
}

impl Question {
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(user) = &self.user {
            arguments.extend(["-l".to_owned(), user.clone()]);
        }
        if let Some(port) = self.port {
            arguments.extend(["-p".to_owned(), port.to_string()]);
        }
        arguments.extend_from_slice(&self.others);
        arguments.extend(["--".to_owned(), self.host.clone()]);
        arguments
    }

    fn way(&self) -> Way {
        Way {
            user_is_named: self.user.is_some(),
            port_is_named: self.port.is_some(),
            others: self.others.clone(),
        }
    }
}

impl Memory {
    /// What `ssh` would say of a host, where that is certain. `kinds` are the host's.
    pub(super) fn of(&self, question: &Question, kinds: &[Kind]) -> Option<Fields> {
        if let Some(fields) = self.answers.get(question) {
            return Some(fields.clone());
        }
        let alike = |kind: &Kind| self.configurations[kind.configuration].hosts.get(kind);
        let other = kinds.iter().find_map(alike)?;
        self.answers.get(other).map(|fields| of_another(fields, other, question))
    }

    /// Of which kind a host is, in each configuration that does not tell all hosts apart.
    pub(super) fn kinds(&self, question: &Question) -> Vec<Kind> {
        if !is_plain(&question.host) {
            return Vec::new();
        }
        let kind = |(configuration, known): (usize, &Configuration)| {
            let matched = known.names.matched_by(&question.host)?;
            Some(Kind { configuration, way: question.way(), matched })
        };
        self.configurations.iter().enumerate().filter_map(kind).collect()
    }

    /// Whether nothing was asked yet in the way of this question.
    pub(super) fn is_new(&self, question: &Question) -> bool {
        !self.ways.contains(&question.way())
    }

    /// Keeps an answer. `files` are those that `ssh` read for it; `None` where it did not say.
    pub(super) fn keep(&mut self, question: Question, fields: Fields, files: Option<Vec<PathBuf>>) {
        self.ways.insert(question.way());
        if let Some(files) = files {
            let at = self.configurations.iter().position(|known| known.files == files);
            let at = at.unwrap_or_else(|| {
                let names = Names::of(&files);
                self.configurations.push(Configuration { files, names, hosts: HashMap::new() });
                self.configurations.len() - 1
            });
            let kind = self.kinds(&question).into_iter().find(|kind| kind.configuration == at);
            if let Some(kind) = kind
                && self.configurations[at].names.serves_others(&question, &fields)
            {
                self.configurations[at].hosts.entry(kind).or_insert_with(|| question.clone());
            }
        }
        self.answers.insert(question, fields);
    }
}

/// What was said of one host, said of another of its kind.
fn of_another(fields: &Fields, one: &Question, other: &Question) -> Fields {
    let mut fields = fields.clone();
    fields.set("host", &other.host);
    if fields.first("hostname") == Some(&one.host.to_lowercase()) {
        fields.set("hostname", &other.host.to_lowercase());
    }
    if let Some(user) = &other.user {
        fields.set("user", user);
    }
    if let Some(port) = other.port {
        fields.set("port", &port.to_string());
    }
    fields
}

/// Settings whose tokens `ssh -G` leaves as they are, or that mean nothing here.
const TOKENS_MATTER_NOT: [&str; 7] = [
    "certificatefile",
    "controlpath",
    "identityfile",
    "knownhostscommand",
    "localcommand",
    "proxycommand",
    "remotecommand",
];

impl Names {
    fn of(files: &[PathBuf]) -> Self {
        let mut names = Self::default();
        for file in files {
            match std::fs::read(file) {
                Ok(bytes) => names.read(&String::from_utf8_lossy(&bytes)),
                Err(_) => names.told_apart = true,
            }
        }
        names
    }

    /// Which patterns a host matches; `None` where they do not say all that tells it from others.
    fn matched_by(&self, host: &str) -> Option<Vec<(usize, bool, bool)>> {
        let lower = host.to_lowercase();
        let matched = |(number, pattern): (usize, &String)| {
            let [written, lower] = [host, &lower].map(|host| matches(pattern.as_bytes(), host.as_bytes()));
            (written || lower).then_some((number, written, lower))
        };
        (!self.told_apart).then(|| self.patterns.iter().enumerate().filter_map(matched).collect())
    }

    /// Whether an answer has nothing in it that may be of this host alone, beside its name, account and port.
    fn serves_others(&self, question: &Question, fields: &Fields) -> bool {
        // What is both the host's own name and one that a line gives it could be either.
        let is_given = self.addresses.iter().any(|name| name.eq_ignore_ascii_case(&question.host));
        let is_told =
            |option: &String| option.contains('%') || option.to_ascii_lowercase().starts_with("hostname");
        !is_given
            && !question.others.iter().any(is_told)
            && matches!(fields.first("canonicalizehostname"), None | Some("no" | "false"))
            && !fields.mention(&question.host)
    }

    fn read(&mut self, text: &str) {
        for line in text.lines() {
            let line = line.trim_start();
            let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
            let (keyword, rest) = (line[..end].trim_matches('"').to_ascii_lowercase(), &line[end..]);
            let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '=');
            match keyword.as_str() {
                word if word.starts_with('#') => {}
                // Words of a remark behind it are taken for patterns too, which only makes fewer hosts alike.
                "host" => self.patterns.extend(rest.split_whitespace().map(|word| {
                    let word = word.trim_matches('"');
                    word.strip_prefix('!').unwrap_or(word).to_owned()
                })),
                "match" => self.told_apart |= !rest.trim().eq_ignore_ascii_case("all"),
                "hostname" => {
                    self.addresses.push(rest.trim().trim_matches('"').to_owned());
                    self.told_apart |= rest.contains('%');
                }
                "include" => self.told_apart |= rest.contains(['%', '$']),
                word if TOKENS_MATTER_NOT.contains(&word) => {}
                _ => self.told_apart |= rest.contains('%'),
            }
        }
    }
}

/// A name that no file and no token can take for something else.
fn is_plain(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !host.is_empty() && host.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(host: &str) -> Question {
        Question { host: host.to_owned(), user: None, port: None, others: vec!["-F".into(), "x".into()] }
    }

    /// A memory of what was said of one host.
    fn knowing(asked: Question, said: &str, files: Option<Vec<PathBuf>>) -> Memory {
        let mut memory = Memory::default();
        memory.keep(asked, Fields::from_lines(said), files);
        memory
    }

    /// A memory of what was said of `box1` under this configuration.
    fn answer(config: &str, said: &str) -> Memory {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config).unwrap();
        knowing(question("box1"), said, Some(vec![file.path().to_owned()]))
    }

    fn recalled(memory: &Memory, question: &Question) -> Option<Fields> {
        memory.of(question, &memory.kinds(question))
    }

    const SAID: &str = "host box1\nhostname box1\nuser me\nport 22\ncanonicalizehostname false\n";

    #[test]
    fn hosts_of_the_same_patterns_have_the_same_settings_but_for_their_names() {
        let of = |config: &str, host: &str| recalled(&answer(config, SAID), &question(host));
        let config = "Host box* !box9\n  User me\nhost=\"other\"\nMatch all\n  IdentityFile ~/.ssh/%r\n";
        let fields = of(config, "BOX2").map(|fields| fields.all("hostname").count());
        assert_eq!(fields, None, "a pattern knows the two letters apart");
        let fields = of(config, "box2").unwrap();
        assert_eq!(fields, Fields::from_lines(&SAID.replace("box1", "box2")));
        for other in ["box9", "other", "bo", "box 2", "-box2", "box2%a", ""] {
            assert_eq!(of(config, other), None, "{other}");
        }
        assert!(of("", "anything").is_some());
    }

    #[test]
    fn what_the_command_line_says_of_a_host_counts_for_it_alone() {
        let of = |asked: Question, other: Question| recalled(&knowing(asked, SAID, Some(Vec::new())), &other);
        let with = |host: &str, user: Option<&str>, port: Option<u16>| {
            let user = user.map(str::to_owned);
            Question { user, port, ..question(host) }
        };
        let fields = of(with("box1", Some("me"), Some(22)), with("box2", Some("you"), Some(7))).unwrap();
        assert_eq!((fields.first("user"), fields.first("port")), (Some("you"), Some("7")));
        assert!(of(with("box1", Some("me"), None), with("box2", None, None)).is_none());
        assert!(of(with("box1", None, None), with("box2", None, Some(7))).is_none());
        let elsewhere = Question { others: vec!["-F".into(), "y".into()], ..question("box2") };
        assert!(of(question("box1"), elsewhere).is_none());
        assert!(of(question("box 1"), question("box 1")).is_some(), "the very same is known");
    }

    #[test]
    fn whatever_else_may_tell_hosts_apart_leaves_nothing_to_be_shared() {
        for config in [
            "Match host box1\n  User x\n",
            "match final all\n",
            "Match exec true\n",
            "HostName %h.example\n",
            "Host box*\n  HostName \"Box1\"\n",
            "Include conf.d/%h\n",
            "Include ${CONF}\n",
            "UserKnownHostsFile ~/.ssh/known_%k\n",
        ] {
            assert!(recalled(&answer(config, SAID), &question("box2")).is_none(), "{config}");
        }
        let canonical = SAID.replace("false", "true");
        assert!(recalled(&answer("", &canonical), &question("box2")).is_none());
        let expanded = format!("{SAID}identityagent /run/box1\n");
        assert!(recalled(&answer("", &expanded), &question("box2")).is_none());
        for files in [None, Some(vec!["/nowhere/x".into()])] {
            assert!(recalled(&knowing(question("box1"), SAID, files), &question("box2")).is_none());
        }
    }

    #[test]
    fn a_fixed_host_name_stays() {
        let said = SAID.replace("hostname box1", "hostname 10.0.0.7");
        let fields = recalled(&answer("Host box*\n  HostName 10.0.0.7\n", &said), &question("box2")).unwrap();
        assert_eq!((fields.first("host"), fields.first("hostname")), (Some("box2"), Some("10.0.0.7")));
    }
}
