//! Which hosts `ssh -G` would say the same of.
//!
//! A fleet is mostly configured alike, and to ask starts a program that costs more than the rest of what is done here for a
//! host. An answer serves another host only where nothing in the files that it came from tells the two apart.

use std::path::PathBuf;

use super::fields::Fields;
use crate::ssh::host_keys::matches;

/// What `ssh` is asked of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// What `ssh` answered.
#[derive(Debug)]
pub(super) struct Answer {
    question: Question,
    fields: Fields,
    names: Names,
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
}

impl Answer {
    /// `files` are those that `ssh` read for it; `None` where it did not say.
    pub(super) fn new(question: Question, fields: Fields, files: Option<&[PathBuf]>) -> Self {
        let apart = Names { told_apart: true, ..Names::default() };
        let mut names = files.map_or(apart, |files| {
            let mut names = Names::default();
            for file in files {
                match std::fs::read(file) {
                    Ok(bytes) => names.read(&String::from_utf8_lossy(&bytes)),
                    Err(_) => names.told_apart = true,
                }
            }
            names
        });
        for option in &question.others {
            names.told_apart |= option.contains('%') || option.to_ascii_lowercase().starts_with("hostname");
        }
        // What is both the host's own name and one that a line gives it could be either.
        names.told_apart |= names.addresses.iter().any(|name| name.eq_ignore_ascii_case(&question.host));
        names.told_apart |= !is_plain(&question.host)
            || !matches!(fields.first("canonicalizehostname"), None | Some("no" | "false"))
            || fields.mention(&question.host);
        Self { question, fields, names }
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Whether nothing but their names may differ between the two.
    pub(super) fn is_of_the_same_call(&self, other: &Question) -> bool {
        let own = &self.question;
        own.others == other.others
            && own.user.is_some() == other.user.is_some()
            && own.port.is_some() == other.port.is_some()
    }

    /// Whether nothing in the files that were read tells the two apart.
    pub(super) fn takes_for_alike(&self, one: &Question, other: &Question) -> bool {
        let same = |pattern: &String| {
            let named = |host: &str| matches(pattern.as_bytes(), host.as_bytes());
            let [one, other] = [&one.host, &other.host];
            named(one) == named(other) && named(&one.to_lowercase()) == named(&other.to_lowercase())
        };
        !self.names.told_apart
            && self.is_of_the_same_call(one)
            && self.is_of_the_same_call(other)
            && is_plain(&other.host)
            && self.names.patterns.iter().all(same)
    }

    /// What `ssh` would say of another host, where that is certain.
    pub(super) fn of(&self, other: &Question) -> Option<Fields> {
        if *other == self.question {
            return Some(self.fields.clone());
        }
        let (own, new) = (&self.question.host, &other.host);
        if !self.takes_for_alike(&self.question, other) {
            return None;
        }
        let mut fields = self.fields.clone();
        fields.set("host", new);
        if fields.first("hostname") == Some(&own.to_lowercase()) {
            fields.set("hostname", &new.to_lowercase());
        }
        if let Some(user) = &other.user {
            fields.set("user", user);
        }
        if let Some(port) = other.port {
            fields.set("port", &port.to_string());
        }
        Some(fields)
    }
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
    fn read(&mut self, text: &str) {
        for line in text.lines() {
            let line = line.trim_start();
            let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
            let (keyword, rest) = (line[..end].to_ascii_lowercase(), &line[end..]);
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

    /// What is answered of `box1` under this configuration.
    fn answer(config: &str, said: &str) -> Answer {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config).unwrap();
        let fields = Fields::from_lines(said);
        Answer::new(question("box1"), fields, Some(&[file.path().to_owned()]))
    }

    const SAID: &str = "host box1\nhostname box1\nuser me\nport 22\ncanonicalizehostname false\n";

    #[test]
    fn hosts_of_the_same_patterns_have_the_same_settings_but_for_their_names() {
        let of = |config: &str, host: &str| answer(config, SAID).of(&question(host));
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
        let of = |asked: Question, other: Question| {
            Answer::new(asked, Fields::from_lines(SAID), Some(&[])).of(&other)
        };
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
            assert!(answer(config, SAID).of(&question("box2")).is_none(), "{config}");
        }
        let canonical = SAID.replace("false", "true");
        assert!(answer("", &canonical).of(&question("box2")).is_none());
        let expanded = format!("{SAID}identityagent /run/box1\n");
        assert!(answer("", &expanded).of(&question("box2")).is_none());
        let unread = Answer::new(question("box1"), Fields::from_lines(SAID), None);
        assert!(unread.of(&question("box2")).is_none());
        let gone = Answer::new(question("box1"), Fields::from_lines(SAID), Some(&["/nowhere/x".into()]));
        assert!(gone.of(&question("box2")).is_none());
    }

    #[test]
    fn a_fixed_host_name_stays() {
        let said = SAID.replace("hostname box1", "hostname 10.0.0.7");
        let fields = answer("Host box*\n  HostName 10.0.0.7\n", &said).of(&question("box2")).unwrap();
        assert_eq!((fields.first("host"), fields.first("hostname")), (Some("box2"), Some("10.0.0.7")));
    }
}
