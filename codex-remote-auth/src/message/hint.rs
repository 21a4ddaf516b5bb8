//! One next step.

use std::borrow::Cow;
use std::fmt;

use super::{Caller, quote};

/// One next step: a few words, a command, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What it is for, or what to do. Empty if the command says it.
    pub words: Cow<'static, str>,
    /// What to type.
    pub command: Option<Command>,
    /// The only command of this program that the hint is for, if it is not for all.
    pub verb: Option<&'static str>,
}

/// What to type, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// On this machine: a command of this program for the host, and its arguments.
    Ours(&'static str, Vec<Cow<'static, str>>),
    /// On this machine: the same call for this host, with more options.
    Again(Vec<Cow<'static, str>>),
    /// On this machine: the same call for the known host with nearly this name.
    Meant,
    /// On this machine, in a shell.
    Here(String),
    /// On this machine: `ssh`, which runs this command on the host.
    OverSsh(String),
    /// On the host, in a shell of the account.
    OnHost(String),
    /// On this machine: the command of this program that explains a lesson.
    Explain(&'static str),
}

impl Hint {
    /// Only words.
    pub fn words(words: impl Into<Cow<'static, str>>) -> Self {
        Self { words: words.into(), command: None, verb: None }
    }

    /// A command of this program for the host.
    pub fn ours(words: impl Into<Cow<'static, str>>, verb: &'static str, arguments: &[&'static str]) -> Self {
        let arguments = arguments.iter().copied().map(Cow::Borrowed).collect();
        Self { words: words.into(), command: Some(Command::Ours(verb, arguments)), verb: None }
    }

    /// The same call again, with more options.
    pub fn again(words: impl Into<Cow<'static, str>>, more: &[&'static str]) -> Self {
        Self::again_with(words, more.iter().copied().map(Cow::Borrowed).collect())
    }

    /// The same call again, with options that are known only now.
    pub fn again_with(words: impl Into<Cow<'static, str>>, more: Vec<Cow<'static, str>>) -> Self {
        Self { words: words.into(), command: Some(Command::Again(more)), verb: None }
    }

    /// The same call for the host that was probably meant. It is left out if no known host has nearly this name.
    pub fn meant(words: impl Into<Cow<'static, str>>) -> Self {
        Self { words: words.into(), command: Some(Command::Meant), verb: None }
    }

    /// The same hint, but only for a caller of this command.
    #[must_use]
    pub fn only(self, verb: &'static str) -> Self {
        Self { verb: Some(verb), ..self }
    }

    /// Whether it is for this caller, and about this host.
    pub fn is_for(&self, caller: &Caller, host: &str) -> bool {
        let is_known = self.command != Some(Command::Meant) || caller.meant(host).is_some();
        is_known && self.verb.is_none_or(|verb| verb == caller.verb())
    }

    /// A command for a shell on this machine.
    pub fn here(words: impl Into<Cow<'static, str>>, command: impl Into<String>) -> Self {
        Self { words: words.into(), command: Some(Command::Here(command.into())), verb: None }
    }

    /// A command for the host that `ssh` runs from this machine.
    pub fn over_ssh(words: impl Into<Cow<'static, str>>, command: impl Into<String>) -> Self {
        Self { words: words.into(), command: Some(Command::OverSsh(command.into())), verb: None }
    }

    /// A command for a shell on the host.
    pub fn on_host(words: impl Into<Cow<'static, str>>, command: impl Into<String>) -> Self {
        Self { words: words.into(), command: Some(Command::OnHost(command.into())), verb: None }
    }

    /// The command that explains this lesson.
    pub fn explain(lesson: &'static str) -> Self {
        Self { words: "to see why".into(), command: Some(Command::Explain(lesson)), verb: None }
    }
}

impl Command {
    /// The complete command, as the person types it.
    pub fn line(&self, caller: &Caller, host: &str) -> String {
        fn words<'a>(words: &'a [Cow<'static, str>]) -> Vec<&'a str> {
            words.iter().map(Cow::as_ref).collect()
        }
        match self {
            Self::Ours(verb, arguments) => caller.command(verb, &words(arguments), host),
            Self::Again(more) => caller.again(&words(more), host),
            Self::Meant => caller.again(&[], &caller.meant(host).unwrap_or_else(|| host.to_owned())),
            Self::OverSsh(command) => caller.ssh(&for_ssh(host), command),
            Self::Here(command) | Self::OnHost(command) => command.clone(),
            Self::Explain(lesson) => format!("{} explain {lesson}", caller.program()),
        }
    }

    /// Where to type it, for machine-readable output: `here` or `host`.
    pub fn place(&self) -> &'static str {
        match self {
            Self::OnHost(_) => "host",
            _ => "here",
        }
    }
}

/// Without the name of the program, the caller's options and the host.
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)?;
        let Some(command) = &self.command else { return Ok(()) };
        if !self.words.is_empty() {
            f.write_str(": ")?;
        }
        match command {
            Command::Ours(verb, arguments) => write!(f, "{verb} {}", arguments.join(" ")),
            Command::Again(more) => f.write_str(&more.join(" ")),
            Command::Meant => f.write_str("the same for that host"),
            Command::OverSsh(command) => write!(f, "ssh {}", quote(command)),
            Command::Here(command) | Command::OnHost(command) => f.write_str(command),
            Command::Explain(lesson) => write!(f, "explain {lesson}"),
        }
    }
}

/// A host in a form that `ssh` takes: only an `ssh://` address may have a port.
fn for_ssh(host: &str) -> String {
    let place = host.rsplit_once('@').map_or(host, |(_, place)| place);
    let has_port = match place.rsplit_once(':') {
        Some((name, _)) => !name.contains(':') || name.ends_with(']'),
        None => false,
    };
    match has_port && !host.starts_with("ssh://") {
        true => format!("ssh://{host}"),
        // Brackets are only for the port.
        false => host.replace(['[', ']'], ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssh_gets_a_port_in_an_address() {
        for (host, form) in [
            ("box", "box"),
            ("me@box", "me@box"),
            ("me@box:2222", "ssh://me@box:2222"),
            ("ssh://me@box:2222", "ssh://me@box:2222"),
            ("ssh://box", "ssh://box"),
            ("[::1]:22", "ssh://[::1]:22"),
            ("me@[2001:db8::1]", "me@2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            assert_eq!(for_ssh(host), form);
        }
    }

    #[test]
    fn a_lesson_is_explained_without_the_host() {
        let caller = Caller::new("codex-remote-auth", "deploy", vec!["-F".to_owned()], Vec::new());
        let hint = Hint::explain("keyring-store");
        assert_eq!(hint.to_string(), "to see why: explain keyring-store");
        let command = hint.command.unwrap();
        assert_eq!(command.line(&caller, "box"), "codex-remote-auth explain keyring-store");
        assert_eq!(command.place(), "here");
    }

    #[test]
    fn a_command_over_ssh_has_the_callers_options() {
        let reach = ["-F", "my config"].map(str::to_owned).to_vec();
        let caller = Caller::new("codex-remote-auth", "doctor", reach, Vec::new());
        let hint = Hint::over_ssh("", "rm '/home/a b/auth.json'");
        let line = hint.command.unwrap().line(&caller, "me@box:2222");
        assert_eq!(
            line,
            format!("ssh -F 'my config' ssh://me@box:2222 {}", quote("rm '/home/a b/auth.json'"))
        );
    }
}
