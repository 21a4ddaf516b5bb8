//! How a person called this program, so that the commands of a hint work when they are pasted.

use super::{closest, quote};

/// How a person called this program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    program: String,
    reach: Vec<String>,
    verb: String,
    own: Vec<String>,
    hosts: Vec<String>,
}

impl Caller {
    /// A call of a program by this name: its command, the SSH options that say how to reach hosts, and the command's own
    /// options. The options are words as the program got them, each with its value in the same word or in the next.
    pub fn new(program: &str, verb: &str, reach: Vec<String>, own: Vec<String>) -> Self {
        Self { program: program.to_owned(), reach, verb: verb.to_owned(), own, hosts: Vec::new() }
    }

    /// The same, with the names of the hosts that this machine knows.
    #[must_use]
    pub fn knowing(self, hosts: Vec<String>) -> Self {
        Self { hosts, ..self }
    }

    /// The known host that is probably meant by this name.
    pub fn meant(&self, host: &str) -> Option<String> {
        let (user, name) = host.rsplit_once('@').map_or((None, host), |(user, name)| (Some(user), name));
        let meant = closest(name, self.hosts.iter().map(String::as_str)).filter(|meant| *meant != name)?;
        Some(user.map_or_else(|| meant.to_owned(), |user| format!("{user}@{meant}")))
    }

    /// The name of the program, as a person types it.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// The command that was called.
    pub fn verb(&self) -> &str {
        &self.verb
    }

    /// Another command of this program for this host, with the caller's SSH options.
    pub fn command<'a>(&'a self, verb: &'a str, arguments: &[&'a str], host: &'a str) -> String {
        let words = arguments.iter().copied().chain(self.reach.iter().map(String::as_str));
        self.line(verb, words, host)
    }

    /// The same call for this host alone, with these options added. An option that it has already is not repeated.
    pub fn again<'a>(&'a self, more: &[&'a str], host: &'a str) -> String {
        let has = |option: &str| self.own.iter().any(|own| own == option);
        let more = more.iter().copied().filter(|option| !has(option));
        // Of several `-o` for the same setting, ssh takes the first.
        let words = more.chain(self.own.iter().chain(&self.reach).map(String::as_str));
        self.line(&self.verb, words, host)
    }

    /// The same call for the hosts that a file of failed hosts has.
    pub fn retry<'a>(&'a self, file: &'a str) -> String {
        let words = self.own.iter().chain(&self.reach).map(String::as_str).chain(["--retry-failed"]);
        self.line(&self.verb, words, file)
    }

    /// A call of `ssh` that runs this command on the host, with the caller's SSH options. They have the same letters.
    /// `destination` is the host in the form that `ssh` takes.
    pub fn ssh(&self, destination: &str, command: &str) -> String {
        let mut line = "ssh".to_owned();
        for word in self.reach.iter().map(String::as_str).chain([destination, command]) {
            line.push(' ');
            line.push_str(&quote(word));
        }
        line
    }

    fn line<'a>(&self, verb: &str, words: impl Iterator<Item = &'a str>, last: &'a str) -> String {
        let mut line = format!("{} {verb}", self.program);
        for word in words.chain([last]) {
            line.push(' ');
            line.push_str(&quote(word));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_misspelt_host_is_recognised() {
        let caller =
            Caller::new("x", "deploy", Vec::new(), Vec::new()).knowing(words(&["build1", "gpu.example.com"]));
        for (host, meant) in [
            ("biuld1", Some("build1")),
            ("me@gpu.exmaple.com", Some("me@gpu.example.com")),
            ("build1", None),
            ("elsewhere", None),
        ] {
            assert_eq!(caller.meant(host).as_deref(), meant, "{host}");
        }
    }

    #[test]
    fn a_command_has_the_callers_options_and_the_host() {
        let caller = Caller::new(
            "cargo xtask",
            "deploy",
            words(&["-F", "my config", "-p", "22"]),
            words(&["--auth", "other.json", "--backup"]),
        );
        assert_eq!(
            caller.command("login", &["--force"], "me@box"),
            "cargo xtask login --force -F 'my config' -p 22 me@box"
        );
        assert_eq!(
            caller.again(&["--force", "--backup"], "me@box"),
            "cargo xtask deploy --force --auth other.json --backup -F 'my config' -p 22 me@box"
        );
        assert_eq!(
            caller.retry("the failed"),
            "cargo xtask deploy --auth other.json --backup -F 'my config' -p 22 --retry-failed 'the failed'"
        );
    }
}
