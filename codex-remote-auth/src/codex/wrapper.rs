//! A script with the name of codex that gives codex another home, another credential or another place to run.

use std::fmt;

use super::variables_that_replace_the_login;

/// What a script named codex does to the login that codex uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapper {
    /// The script's path on the host.
    pub script: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What it sets.
    pub sets: Sets,
}

/// What a script sets, or what it does instead of running codex as the account does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sets {
    /// The Codex home, by `CODEX_HOME` or `HOME`.
    Home {
        /// The name of the variable.
        variable: &'static str,
        /// The Codex home; `None` if only a shell can tell.
        home: Option<String>,
    },
    /// Another credential, by the variable of this name.
    Credential(&'static str),
    /// A setting that decides which login codex uses, by `-c`.
    Setting(&'static str),
    /// It runs codex by this program: as another user, in a container or on another host.
    Elsewhere(&'static str),
}

/// The setting that decides where codex takes its login from. A provider is no such setting here: codex names the one that
/// it uses.
const STORE: &str = "cli_auth_credentials_store";

/// A program that runs another one elsewhere.
struct Runner {
    name: &'static str,
    place: &'static str,
    /// Whether the Codex home is there too, if the call gives it.
    can_share: bool,
    /// Whether the account's home is there without being given.
    shares: bool,
}

const RUNNERS: [Runner; 11] = [
    Runner::elsewhere("sudo", "as another user"),
    Runner::elsewhere("doas", "as another user"),
    Runner::elsewhere("su", "as another user"),
    Runner::elsewhere("runuser", "as another user"),
    Runner::elsewhere("ssh", "on another host"),
    Runner::container("docker", false),
    Runner::container("podman", false),
    Runner::container("nerdctl", false),
    Runner::container("distrobox", true),
    Runner::container("toolbox", true),
    Runner::container("apptainer", true),
];

impl Runner {
    const fn elsewhere(name: &'static str, place: &'static str) -> Self {
        Self { name, place, can_share: false, shares: false }
    }

    const fn container(name: &'static str, shares: bool) -> Self {
        Self { name, place: "in a container", can_share: true, shares }
    }
}

impl fmt::Display for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} is a script that ", self.script, self.line)?;
        match &self.sets {
            Sets::Home { variable: "HOME", home: Some(home) } => {
                write!(f, "sets HOME, so codex reads the auth.json in {home}")
            }
            Sets::Home { variable, home: Some(home) } => {
                write!(f, "sets {variable} to {home}, so codex reads the auth.json there")
            }
            Sets::Home { variable, home: None } => {
                write!(f, "sets {variable}, so codex may read another auth.json")
            }
            Sets::Credential(variable) => write!(f, "sets {variable}, so codex uses that and not auth.json"),
            Sets::Setting(name) => {
                write!(f, "gives codex the setting {name}, so codex may not use auth.json")
            }
            Sets::Elsewhere(program) => {
                let place =
                    RUNNERS.iter().find(|runner| runner.name == *program).map_or("", |runner| runner.place);
                write!(f, "runs codex {place} ({program}), so codex may read another auth.json")
            }
        }
    }
}

impl Wrapper {
    /// The Codex home that it sets, if that can be known.
    pub fn home(&self) -> Option<&str> {
        match &self.sets {
            Sets::Home { home, .. } => home.as_deref(),
            _ => None,
        }
    }

    /// Whether it gives codex another home, or may do so.
    pub fn moves_home(&self) -> bool {
        matches!(self.sets, Sets::Home { .. } | Sets::Elsewhere(_))
    }

    /// Reads the beginning of a program. `None` if it is not a shell script, if it sets nothing of this, or if it
    /// sets the home that codex has without it. `user_home` is the account's `HOME`, `codex_home` the Codex home
    /// without the script (empty if it is a private one, which no script knows), and `is_set` says whether the account
    /// sets `CODEX_HOME`.
    pub fn read(script: &str, bytes: &[u8], user_home: &str, codex_home: &str, is_set: bool) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let shells = ["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox"];
        let is_script = match text.lines().next()?.strip_prefix("#!") {
            Some(interpreter) => interpreter.split(['/', ' ']).any(|word| shells.contains(&word)),
            // A shell runs a text without such a line.
            None => !bytes.contains(&0),
        };
        if !is_script {
            return None;
        }
        let last = |name: &str| {
            let set = text.lines().enumerate().filter_map(|(at, line)| Some((at + 1, assigned(line, name)?)));
            set.last()
        };
        let of = |line, sets| Self { script: script.to_owned(), line, sets };
        let is_ours = |home: &str| home.trim_end_matches('/') == codex_home.trim_end_matches('/');
        // Where CODEX_HOME is set, HOME decides nothing.
        let by_codex_home = last("CODEX_HOME").map(|set| ("CODEX_HOME", set));
        let home = by_codex_home.or_else(|| last("HOME").filter(|_| !is_set).map(|set| ("HOME", set)));
        // Another home counts first: what is there was not looked at.
        if let Some((variable, (line, value))) = home {
            let set = expanded(value, user_home, is_set);
            let home = match variable {
                "HOME" => set.map(|home| format!("{}/.codex", home.trim_end_matches('/'))),
                _ => set,
            };
            // If it is empty, the script keeps the account's own.
            if !home.as_deref().is_some_and(|home| home.is_empty() || is_ours(home)) {
                return Some(of(line, Sets::Home { variable, home }));
            }
        }
        let has_a_known_home = !codex_home.is_empty();
        for (line, call) in calls(&text) {
            let sets = elsewhere(&call, has_a_known_home).or_else(|| {
                gives(&call, STORE).filter(|value| !value.starts_with("file")).map(|_| Sets::Setting(STORE))
            });
            if let Some(sets) = sets {
                return Some(of(line, sets));
            }
        }
        for variable in variables_that_replace_the_login() {
            let Some((line, value)) = last(variable) else { continue };
            let is_empty =
                value.starts_with([' ', '\t', ';', '&', ')']) || ["", "\"\"", "''"].contains(&value.trim());
            // It may pass on what it was given.
            let is_passed_on =
                value.contains(&format!("${variable}")) || value.contains(&format!("${{{variable}"));
            if !is_empty && !is_passed_on {
                return Some(of(line, Sets::Credential(variable)));
            }
        }
        None
    }
}

/// The lines that are no comments, each with its number and with the lines that continue it.
fn calls(text: &str) -> Vec<(usize, String)> {
    let mut calls: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (at, line) in text.lines().enumerate() {
        let (part, next) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        match calls.last_mut().filter(|_| goes_on) {
            Some((_, call)) => call.push_str(part),
            None if line.trim_start().starts_with('#') => continue,
            None => calls.push((at + 1, part.to_owned())),
        }
        goes_on = next;
    }
    calls
}

/// A call of codex by a program that runs it elsewhere. A container may have the Codex home, unless codex is to use a private
/// one.
fn elsewhere(call: &str, has_a_known_home: bool) -> Option<Sets> {
    let before = ["exec", "command", "then", "do", "else", "if", "env", "nohup", "time"];
    let call = call.replace(['"', '\''], "");
    call.split([';', '&', '|', '(', '`']).find_map(|command| {
        let mut words =
            command.split_whitespace().skip_while(|word| before.contains(word) || word.contains('='));
        let name = words.next()?.rsplit('/').next()?;
        let runner = RUNNERS.iter().find(|runner| runner.name == name)?;
        let rest: Vec<&str> = words.collect();
        let has = |parts: &[&str]| rest.iter().any(|word| parts.iter().any(|part| word.contains(part)));
        let given = ["codex:", "codex/:", "codex,", "CODEX_HOME", "HOME:", "HOME}:", "HOME,", "~:", "/home:"];
        let shares = has_a_known_home && (runner.shares || runner.can_share && has(&given));
        (has(&["$@", "$*", "codex"]) && !shares).then_some(Sets::Elsewhere(runner.name))
    })
}

/// The value that a call gives to a setting of codex, by `-c` or `--config`.
fn gives(call: &str, setting: &str) -> Option<String> {
    let call = call.replace(['"', '\''], "");
    let (before, rest) = call.split_once(setting)?;
    let value = rest.trim_start().strip_prefix('=')?;
    let before = before.trim_end_matches([' ', '=']);
    (before.ends_with(" -c") || before.ends_with("--config")).then(|| value.trim_start().to_owned())
}

/// What comes after the name and `=` in a line that is no comment.
fn assigned<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let line = line.trim_start();
    if line.starts_with('#') {
        return None;
    }
    let name = format!("{name}=");
    let at = line.find(&name).filter(|at| {
        line[..*at].chars().next_back().is_none_or(|letter| letter.is_whitespace() || ";&({".contains(letter))
    })?;
    Some(&line[at + name.len()..])
}

/// The value of the first word, if it can be known without a shell. Empty if the script keeps the account's own value.
fn expanded(value: &str, user_home: &str, is_set: bool) -> Option<String> {
    let word = shlex::Shlex::new(value).next()?;
    let mut word = word.trim_end_matches([';', '&', ')']).to_owned();
    for begin in ["${CODEX_HOME:-", "${CODEX_HOME-"] {
        if let Some(default) = word.strip_prefix(begin).and_then(|rest| rest.strip_suffix('}')) {
            if is_set {
                return Some(String::new());
            }
            word = default.to_owned();
        }
    }
    let word = match word.strip_prefix("~/") {
        Some(rest) => format!("{user_home}/{rest}"),
        None => word.replace("${HOME}", user_home).replace("$HOME", user_home),
    };
    (!word.contains(['$', '`'])).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home_of(script: &str) -> Option<(usize, Option<String>)> {
        let found = Wrapper::read("/bin/codex", script.as_bytes(), "/home/me", "/home/me/.codex", false)?;
        Some((found.line, found.home().map(str::to_owned)))
    }

    #[test]
    fn a_script_that_sets_another_credential_or_home_says_which() {
        let says = |script: &str| {
            let script = format!("#!/bin/sh\n{script}\n");
            let found = Wrapper::read("/b/codex", script.as_bytes(), "/home/me", "/home/me/.codex", false);
            found.map(|found| found.to_string())
        };
        for (script, what) in [
            (
                "export CODEX_API_KEY=made-up; exec codex.real \"$@\"",
                "sets CODEX_API_KEY, so codex uses that and not auth.json",
            ),
            (
                "CODEX_ACCESS_TOKEN=$(cat /run/t) exec codex.real",
                "sets CODEX_ACCESS_TOKEN, so codex uses that",
            ),
            (
                "export CODEX_API_KEY=made-up CODEX_HOME=/srv; exec codex.real",
                "sets CODEX_HOME to /srv, so codex reads the auth.json there",
            ),
            (
                "HOME=$HOME/sandbox exec codex.real",
                "sets HOME, so codex reads the auth.json in /home/me/sandbox/.codex",
            ),
        ] {
            let said = says(script).unwrap();
            assert!(said.starts_with("/b/codex:2 is a script that ") && said.contains(what), "{said}");
        }
        for (script, what) in [
            (
                "exec sudo -u svc /opt/codex \"$@\"",
                "runs codex as another user (sudo), so codex may read another",
            ),
            ("cd /srv && /usr/bin/doas codex \"$@\"", "as another user (doas)"),
            ("exec docker run --rm -i img codex \"$@\"", "runs codex in a container (docker)"),
            ("if true; then ssh build codex \"$@\"; fi", "runs codex on another host (ssh)"),
            (
                "exec codex.real -c cli_auth_credentials_store=keyring \"$@\"",
                "gives codex the setting cli_auth_credentials_store, so codex may not use auth.json",
            ),
            (
                "codex.real --config='cli_auth_credentials_store = \"auto\"' \"$@\"",
                "gives codex the setting cli_auth_credentials_store",
            ),
            (
                "exec docker run --rm \\\n  -v /srv:/srv \\\n  img codex \"$@\"",
                "runs codex in a container (docker)",
            ),
        ] {
            let said = says(script).unwrap_or_default();
            assert!(
                said.starts_with("/b/codex:2 is a script that ") && said.contains(what),
                "{script}: {said}"
            );
        }
        for shared in [
            "exec podman run -v ~/.codex:/root/.codex img codex \"$@\"",
            "exec docker run --rm \\\n  -v \"$HOME/.codex\":/root/.codex \\\n  img codex \"$@\"",
            "docker run --mount type=bind,src=${HOME}/.codex,dst=/root/.codex img codex \"$@\"",
            "docker run -v \"$HOME:$HOME\" -w \"$PWD\" img codex \"$@\"",
            "exec distrobox enter dev -- codex \"$@\"",
        ] {
            assert_eq!(says(shared), None, "the container has the Codex home: {shared}");
            let script = format!("#!/bin/sh\n{shared}\n");
            let apart = Wrapper::read("/b/codex", script.as_bytes(), "/home/me", "", true);
            assert!(apart.unwrap().moves_home(), "the container may not have the private one: {shared}");
        }
        for script in [
            "sudo systemctl start network; exec codex.real \"$@\"",
            "# exec sudo codex",
            "echo do not use sudo codex",
            "exec codex.real -c cli_auth_credentials_store=file \"$@\"",
            "exec codex.real -c model_provider=mine \"$@\"",
            "HOME=/home/me exec codex.real",
            "CODEX_API_KEY= exec codex.real",
            "CODEX_API_KEY=$CODEX_API_KEY exec codex.real",
        ] {
            assert_eq!(says(script), None, "{script}");
        }
    }

    #[test]
    fn the_home_that_a_shell_script_sets_is_read() {
        let at = |line, home: &str| Some((line, Some(home.to_owned())));
        for (script, expected) in [
            ("#!/bin/sh\nexport CODEX_HOME=/srv/codex\nexec codex.real \"$@\"\n", at(2, "/srv/codex")),
            (
                "#!/usr/bin/env bash\nCODEX_HOME=\"$HOME/work dir\" exec /opt/codex \"$@\"\n",
                at(2, "/home/me/work dir"),
            ),
            ("#!/bin/bash -e\nexec env CODEX_HOME=~/work /opt/codex\n", at(2, "/home/me/work")),
            ("#!/bin/sh\nCODEX_HOME='${HOME}/x'; export CODEX_HOME\n", at(2, "/home/me/x")),
            ("#!/bin/sh\nCODEX_HOME=/a\n# CODEX_HOME=/c\nif true; then CODEX_HOME=/b; fi\n", at(4, "/b")),
            ("#!/bin/sh\nexport CODEX_HOME=${CODEX_HOME:-/srv/codex}\n", at(2, "/srv/codex")),
            ("#!/bin/sh\nexport CODEX_HOME=$(mktemp -d)\n", Some((2, None))),
            ("#!/bin/sh\nexport CODEX_HOME=\"$PROJECT/.codex\"\n", Some((2, None))),
            ("#!/bin/sh\nexport CODEX_HOME=~/.codex/\n", None),
            ("#!/bin/sh\nMY_CODEX_HOME=/x exec codex.real\n", None),
            ("#!/bin/sh\necho \"$CODEX_HOME\"\n", None),
            ("#!/usr/bin/env node\nprocess.env.CODEX_HOME=\"/x\"\n", None),
            ("CODEX_HOME=/x\n", at(1, "/x")),
            ("\u{7f}ELF\0\nCODEX_HOME=/x\n", None),
            ("", None),
        ] {
            assert_eq!(home_of(script), expected, "{script}");
        }
    }

    #[test]
    fn a_default_does_not_replace_what_the_account_sets() {
        let script = b"#!/bin/sh\nexport CODEX_HOME=${CODEX_HOME:-/srv/codex}\n";
        assert_eq!(Wrapper::read("/bin/codex", script, "/home/me", "/home/me/mine", true), None);
    }

    #[test]
    fn the_words_name_the_script_and_the_home() {
        let home = |home| Sets::Home { variable: "CODEX_HOME", home };
        let wrapper =
            Wrapper { script: "/bin/codex".to_owned(), line: 2, sets: home(Some("/srv".to_owned())) };
        let says =
            "/bin/codex:2 is a script that sets CODEX_HOME to /srv, so codex reads the auth.json there";
        assert_eq!(wrapper.to_string(), says);
        assert!(Wrapper { sets: home(None), ..wrapper }.to_string().ends_with("may read another auth.json"));
    }
}
