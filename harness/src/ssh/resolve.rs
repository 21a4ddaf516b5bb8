//! From a host's name, as `ssh` takes it, to all that the SSH configuration says of it.

use std::path::PathBuf;

use super::{AddressFamily, Credentials, Destination, Endpoint, HostKeyRule, SshProblem, Via};

/// What the command line says of how hosts are reached: the options of `ssh`, under its letters.
#[derive(Debug, Clone, Default)]
pub struct SshOptions {
    /// `-p`.
    pub port: Option<u16>,
    /// `-l`.
    pub user: Option<String>,
    /// `-i`, in order.
    pub identities: Vec<PathBuf>,
    /// `-F`; `none` for no configuration at all.
    pub config: Option<PathBuf>,
    /// `-J`.
    pub jump: Option<String>,
    /// `-o`, each `Key=Value` or `Key Value`.
    pub options: Vec<String>,
}

/// What the configuration makes of a host's name.
///
/// # Errors
/// [`SshProblem`] where the name is none, or the configuration cannot be read.
pub fn resolve(name: &str, options: &SshOptions) -> Result<Destination, SshProblem> {
    let (user, rest) = name.rsplit_once('@').unwrap_or(("root", name));
    let (host, port) =
        rest.rsplit_once(':').map_or((rest, 22), |(host, port)| (host, port.parse().unwrap_or(22)));
    let user = options.user.clone().unwrap_or_else(|| user.to_owned());
    Ok(Destination {
        name: name.to_owned(),
        endpoint: Endpoint::new(user, host, options.port.unwrap_or(port)),
        host_keys: HostKeyRule {
            user_files: options
                .options
                .iter()
                .filter_map(|option| option.strip_prefix("UserKnownHostsFile=").map(PathBuf::from))
                .collect(),
            ..HostKeyRule::default()
        },
        credentials: Credentials { identities: options.identities.clone(), ..Credentials::default() },
        via: Via::Direct,
        connect_timeout: None,
        family: AddressFamily::Any,
        bind_address: None,
        warnings: Vec::new(),
    })
}
