//! From a host's name, as `ssh` takes it, to all that the SSH configuration says of it.

mod alike;
mod fields;
mod host_name;
mod openssh;
mod parser;
mod settings;
mod tokens;
mod unused;

use std::path::PathBuf;

pub use host_name::HostName;

use super::{Destination, SshProblem, Via};
use fields::Fields;
use openssh::OpenSsh;

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

/// The most hosts that one may go through: a configuration whose jumps lead back to themselves has an end.
const MOST_JUMPS: usize = 8;

/// From hosts' names to destinations. What OpenSSH said of one host is remembered for those that are configured alike.
#[derive(Debug)]
pub struct Resolver {
    options: SshOptions,
    openssh: OpenSsh,
}

impl Resolver {
    /// For hosts that are reached as the command line says.
    pub fn new(options: SshOptions) -> Self {
        Self { options, openssh: OpenSsh::at("ssh") }
    }

    /// What the configuration makes of a host's name: by `ssh -G` where OpenSSH is here, so that `Include`, `Match` and tokens
    /// mean what they mean to it; else by a parser, which the destination's warnings say.
    ///
    /// # Errors
    /// [`SshProblem::HostName`] where the name is none, [`SshProblem::Config`] where the configuration cannot be read.
    pub fn resolve(&self, name: &str) -> Result<Destination, SshProblem> {
        resolve_with(name, &self.options, &self.openssh, MOST_JUMPS)
    }
}

/// As [`Resolver::resolve`], for one host.
///
/// # Errors
/// As there.
pub fn resolve(name: &str, options: &SshOptions) -> Result<Destination, SshProblem> {
    Resolver::new(options.clone()).resolve(name)
}

fn resolve_with(
    name: &str,
    options: &SshOptions,
    ssh: &OpenSsh,
    jumps_left: usize,
) -> Result<Destination, SshProblem> {
    let (mut destination, jumps) = resolve_alone(name, options, ssh)?;
    if let Some(jumps) = jumps {
        destination.via =
            Via::Jumps(through(&jumps, options, ssh, jumps_left).map_err(|reason| match reason {
                Through::TooMany => SshProblem::Config {
                    host: name.to_owned(),
                    reason: format!("its ProxyJump leads through more than {MOST_JUMPS} hosts"),
                },
                Through::Problem(problem) => problem,
            })?);
    }
    Ok(destination)
}

/// A host, and its `ProxyJump` as it is written.
fn resolve_alone(
    name: &str,
    options: &SshOptions,
    ssh: &OpenSsh,
) -> Result<(Destination, Option<String>), SshProblem> {
    let host = HostName::parse(name)?;
    let config_problem = |reason: String| SshProblem::Config { host: name.to_owned(), reason };
    let (fields, mut warnings) = match ssh.ask(&host, options).map_err(config_problem)? {
        Some(asked) => {
            let warnings = unused::warnings(&asked.fields, &asked.defaults);
            (asked.fields.changed_from(&asked.defaults), warnings)
        }
        None => {
            let fields = parser::read(&host, options).map_err(config_problem)?;
            let mut warnings = vec![parser::WARNING.to_owned()];
            warnings.extend(unused::warnings(&fields, &Fields::default()));
            (fields, warnings)
        }
    };
    let mut destination = settings::destination(&host, &fields, &mut warnings).map_err(config_problem)?;
    for file in options.identities.iter().filter(|file| !destination.credentials.identities.contains(file)) {
        warnings.push(format!("-i {}: there is no such key, nor a public half of one", file.display()));
    }
    destination.warnings = warnings;
    let jumps = fields.first("proxyjump").filter(|jumps| *jumps != "none").map(str::to_owned);
    Ok((destination, jumps))
}

enum Through {
    TooMany,
    Problem(SshProblem),
}

/// The hosts of a `ProxyJump`. Each is reached by its own configuration from the same file, as `ssh` does it: what the
/// command line says is about the last alone.
fn through(
    jumps: &str,
    options: &SshOptions,
    ssh: &OpenSsh,
    jumps_left: usize,
) -> Result<Vec<Destination>, Through> {
    let own = SshOptions { config: options.config.clone(), ..SshOptions::default() };
    let mut all = Vec::new();
    for jump in jumps.split(',').map(str::trim) {
        let left = jumps_left.checked_sub(1).ok_or(Through::TooMany)?;
        // Only the first has a way of its own: the others are reached through the one before.
        let hop = if all.is_empty() {
            let mut hop = resolve_with(jump, &own, ssh, left).map_err(Through::Problem)?;
            if let Via::Jumps(before) = &mut hop.via {
                all.append(before);
                hop.via = Via::Direct;
            }
            hop
        } else {
            let (mut hop, _) = resolve_alone(jump, &own, ssh).map_err(Through::Problem)?;
            hop.via = Via::Direct;
            hop
        };
        all.push(hop);
    }
    if all.len() > MOST_JUMPS { Err(Through::TooMany) } else { Ok(all) }
}

#[cfg(test)]
mod tests;
