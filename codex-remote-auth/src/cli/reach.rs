//! How a command reaches hosts: the options of `ssh`, with the same letters.

use std::path::PathBuf;

use crate::ssh::{Resolver, SshOptions};
use clap::Args;

/// How to reach hosts, with the options of `ssh`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "SSH options (same as ssh)")]
pub(crate) struct ReachArgs {
    /// Port to connect to
    #[arg(short = 'p', long, value_name = "PORT")]
    port: Option<u16>,
    /// User to log in as
    #[arg(short = 'l', long = "user", value_name = "NAME")]
    user: Option<String>,
    /// Private key file; may be given several times
    #[arg(short = 'i', long = "identity", value_name = "FILE")]
    identities: Vec<PathBuf>,
    /// Configuration file to use instead of ~/.ssh/config and /etc/ssh/ssh_config
    #[arg(short = 'F', long = "config", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Jump hosts, separated by commas, the nearest first
    #[arg(short = 'J', long = "jump", value_name = "HOSTS")]
    jump: Option<String>,
    /// An option of ssh_config, as `ConnectTimeout=5`; may be given several times. It goes before the configuration file, so it also
    /// overrides what that forbids, option by option: `KexAlgorithms=curve25519-sha256`, `RemoteCommand=none`
    #[arg(short = 'o', long = "option", value_name = "OPTION")]
    options: Vec<String>,
}

impl ReachArgs {
    pub(crate) fn resolver(&self) -> Resolver {
        Resolver::new(self.options())
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
