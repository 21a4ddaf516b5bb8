//! From a host's name, as `ssh` takes it, to all that the SSH configuration says of it.

mod fields;
mod host_name;
mod openssh;
mod option;
mod settings;
mod tokens;
mod unused;
pub(super) mod valid;
mod without_openssh;

use std::path::PathBuf;

pub use host_name::HostName;

use super::{Destination, SshProblem, Via};
use fields::Fields;
use openssh::{Asked, OpenSsh};

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

/// The most hosts on the way to one: a configuration whose jumps lead in a circle has an end.
const MOST_JUMPS: usize = 8;

/// Turns the names of hosts into destinations.
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

    /// What the configuration makes of a host's name: by `ssh -G`, so that `Include`, `Match` and tokens mean what they mean to
    /// OpenSSH. If OpenSSH is not installed, the command line alone counts, which the destination's warnings say.
    ///
    /// # Errors
    /// [`SshProblem::HostName`] and [`SshProblem::UserName`] if the name, `-l`, `-J` or an `-o` holds what no name may hold: then
    /// nothing was run. [`SshProblem::Config`] if the configuration cannot be read or obeyed, [`SshProblem::RemoteCommand`] if it
    /// sets a command of its own.
    pub fn resolve(&self, name: &str) -> Result<Destination, SshProblem> {
        resolve_with(name, &self.options, &self.openssh)
    }
}

/// As [`Resolver::resolve`], for one host.
///
/// # Errors
/// As there.
pub fn resolve(name: &str, options: &SshOptions) -> Result<Destination, SshProblem> {
    Resolver::new(options.clone()).resolve(name)
}

fn resolve_with(name: &str, options: &SshOptions, ssh: &OpenSsh) -> Result<Destination, SshProblem> {
    let host = HostName::parse(name)?;
    check(options, &host)?;
    let (mut destination, fields) = alone(&host, options, ssh)?;
    if fields.first("remotecommand").is_some_and(|command| command != "none") {
        return Err(SshProblem::RemoteCommand { host: host.written });
    }
    destination.via = via(destination.via, &host, &fields, options, ssh, MOST_JUMPS)?;
    if let Via::Jumps(hops) = &destination.via {
        let hops =
            hops.iter().flat_map(|hop| hop.warnings.iter().map(|warning| format!("{}: {warning}", hop.name)));
        // The machine lacks `ssh` for all of them alike.
        destination.warnings.extend(hops.filter(|warning| !warning.ends_with(without_openssh::WARNING)));
    }
    Ok(destination)
}

/// Checks every name that the command line gives beside the host.
fn check(options: &SshOptions, host: &HostName) -> Result<(), SshProblem> {
    let mut users: Vec<String> = options.user.iter().cloned().collect();
    let mut jumps: Vec<String> = options.jump.iter().cloned().collect();
    for text in &options.options {
        // One that is none is for `ssh` to refuse, which knows what it takes.
        let Ok((name, value)) = option::parse(text) else { continue };
        match name.as_str() {
            "user" => users.push(value),
            "proxyjump" => jumps.push(value),
            "hostname" | "hostkeyalias" => valid::host(&tokens::without(&value))
                .map_err(|reason| SshProblem::HostName { written: value.clone(), reason })?,
            _ => {}
        }
    }
    for user in users {
        let is_fine = valid::user(&tokens::without(&user));
        is_fine.map_err(|reason| SshProblem::UserName {
            host: host.written.clone(),
            written: user,
            reason,
        })?;
    }
    for jumps in jumps.iter().filter(|jumps| *jumps != "none") {
        hops(jumps)?;
    }
    Ok(())
}

/// The hosts of a `ProxyJump`, each checked.
fn hops(jumps: &str) -> Result<Vec<HostName>, SshProblem> {
    jumps.split(',').map(|hop| HostName::parse(hop.trim())).collect()
}

/// A host without the hosts of its `ProxyJump`, and what the configuration says of it.
fn alone(host: &HostName, options: &SshOptions, ssh: &OpenSsh) -> Result<(Destination, Fields), SshProblem> {
    let config_problem = |reason: String| SshProblem::Config { host: host.written.clone(), reason };
    let mut warnings = Vec::new();
    let (fields, defaults) = match ssh.ask(host, options).map_err(config_problem)? {
        Some(Asked { fields, defaults }) => {
            warnings.extend(unused::warnings(&fields, &defaults));
            (fields, defaults)
        }
        None => {
            warnings.push(without_openssh::WARNING.to_owned());
            (without_openssh::read(host, options).map_err(config_problem)?, Fields::default())
        }
    };
    let destination = settings::destination(host, &fields, &defaults, &mut warnings);
    let mut destination = destination.map_err(config_problem)?;
    for file in options.identities.iter().filter(|file| !destination.credentials.identities.contains(file)) {
        warnings.push(format!("-i {}: there is no such key, and no public half of it", file.display()));
    }
    destination.warnings = warnings;
    Ok((destination, fields))
}

/// The way to a host: its `ProxyJump`, or what it has otherwise. Each hop is reached by its own configuration from the same
/// file, as `ssh` does it: what the command line says is about the last host alone.
fn via(
    otherwise: Via,
    host: &HostName,
    fields: &Fields,
    options: &SshOptions,
    ssh: &OpenSsh,
    hops_left: usize,
) -> Result<Via, SshProblem> {
    let Some(jumps) = fields.first("proxyjump").filter(|jumps| *jumps != "none") else {
        return Ok(otherwise);
    };
    let too_many = || SshProblem::Config {
        host: host.written.clone(),
        reason: format!("its ProxyJump leads through more than {MOST_JUMPS} hosts"),
    };
    let own = SshOptions { config: options.config.clone(), ..SshOptions::default() };
    let hops = hops(jumps)?;
    let left = hops_left.checked_sub(hops.len()).ok_or_else(too_many)?;
    let mut all = Vec::new();
    for hop in &hops {
        let (mut destination, fields) = alone(hop, &own, ssh)?;
        // Only the first has a way of its own: the others are reached through the one before.
        let way = match all.is_empty() {
            true => via(destination.via, hop, &fields, &own, ssh, left)?,
            false => Via::Direct,
        };
        destination.via = match way {
            Via::Jumps(mut before) => {
                all.append(&mut before);
                Via::Direct
            }
            other => other,
        };
        all.push(destination);
    }
    Ok(Via::Jumps(all))
}

#[cfg(test)]
mod tests;
