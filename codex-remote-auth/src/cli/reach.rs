//! How hosts are reached: the options of `ssh`, under the same letters.

use std::path::{Path, PathBuf};

use crate::cli::exit::Unusable;
use crate::ssh::{Resolver, SshOptions};
use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::completions;

/// How hosts are reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "SSH options (same as ssh)")]
pub(crate) struct ReachArgs {
    /// Port to connect to
    #[arg(short = 'p', long, hide_short_help = true, value_name = "PORT", value_parser = port)]
    port: Option<u16>,
    /// User to log in as
    #[arg(short = 'l', long = "user", hide_short_help = true, value_name = "NAME")]
    user: Option<String>,
    /// Private key file; may be given several times
    #[arg(short = 'i', long = "identity", hide_short_help = true, value_name = "FILE")]
    identities: Vec<PathBuf>,
    /// Configuration file to use instead of ~/.ssh/config and /etc/ssh/ssh_config
    #[arg(short = 'F', long = "config", hide_short_help = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Jump hosts, separated by commas, the nearest first
    #[arg(short = 'J', long = "jump", hide_short_help = true, value_name = "HOSTS", add = ArgValueCompleter::new(completions::hosts))]
    jump: Option<String>,
    /// An option of ssh_config, such as `ConnectTimeout=5`; may be given several times
    ///
    /// It overrides the configuration file, also what that forbids: `KexAlgorithms=curve25519-sha256`, `RemoteCommand=none`.
    #[arg(short = 'o', long = "option", hide_short_help = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// Whether an option of ssh_config gives a value to something that runs after the login. A Codex home is no secret, and
/// without it another one would be meant.
fn may_be_secret(option: &str) -> bool {
    let end = |character: char| character == '=' || character.is_whitespace();
    let (keyword, value) = option.trim_start().split_once(end).unwrap_or_default();
    let is_home = value.trim_start_matches(end).starts_with("CODEX_HOME=") && value.matches('=').count() == 1;
    ["setenv", "localcommand"].iter().any(|known| keyword.eq_ignore_ascii_case(known)) && !is_home
}

fn port(text: &str) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| "a port is a number from 1 to 65535".to_owned())
}

impl ReachArgs {
    /// Checks what can be wrong with the options before a host is looked at.
    pub(crate) fn check(&self) -> Result<(), Unusable> {
        self.options().check().map_err(|problem| Unusable::of(&problem))
    }

    pub(crate) fn resolver(&self) -> Resolver {
        Resolver::new(self.options())
    }

    /// The file that replaces the caller's configuration.
    pub(crate) fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// The same options as words of a command line. Options that no host needs, but that may contain a secret, are left
    /// out.
    pub(crate) fn words(&self) -> Vec<String> {
        let file = |file: &PathBuf| file.display().to_string();
        let given = [
            ("-F", self.config.as_ref().map(file)),
            ("-p", self.port.map(|port| port.to_string())),
            ("-l", self.user.clone()),
            ("-J", self.jump.clone()),
        ];
        let given = given.into_iter().filter_map(|(letter, value)| Some((letter, value?)));
        let identities = self.identities.iter().map(|identity| ("-i", file(identity)));
        let options = self.options.iter().filter(|option| !may_be_secret(option));
        let options = options.map(|option| ("-o", option.clone()));
        let all = given.chain(identities).chain(options);
        all.flat_map(|(letter, value)| [letter.to_owned(), value]).collect()
    }

    pub(crate) fn options(&self) -> SshOptions {
        SshOptions {
            port: self.port,
            user: self.user.clone(),
            identities: self.identities.clone(),
            config: self.config.clone(),
            jump: self.jump.clone(),
            options: self.options.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_repeated_only_if_it_is_the_codex_home() {
        for kept in ["SetEnv=CODEX_HOME=/srv/codex", "setenv CODEX_HOME=/a", "Port=22", "User me"] {
            assert!(!may_be_secret(kept), "{kept}");
        }
        for left_out in
            ["SetEnv=CODEX_API_KEY=k", "SetEnv CODEX_HOME=/a TOKEN=t", " setenv = T=t", "LocalCommand=x"]
        {
            assert!(may_be_secret(left_out), "{left_out}");
        }
    }
}
