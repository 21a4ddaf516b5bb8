//! Resolves a host name, as `ssh` accepts it, to all that the SSH configuration says about it.

mod fields;
mod host_name;
mod openssh;
mod option;
mod settings;
mod shown;
mod tokens;
mod unused;
pub(super) mod valid;
mod variables;
mod without_openssh;

use std::path::PathBuf;

pub use host_name::HostName;

use super::{ConfigRemedy, Destination, SshProblem, Via};
use fields::Fields;
use openssh::{Asked, OpenSsh};

/// The options of the command line that say how to reach hosts. They have the letters that `ssh` uses.
#[derive(Debug, Clone, Default)]
pub struct SshOptions {
    /// `-p`.
    pub port: Option<u16>,
    /// `-l`.
    pub user: Option<String>,
    /// `-i`, in order.
    pub identities: Vec<PathBuf>,
    /// `-F`; `none` means no configuration.
    pub config: Option<PathBuf>,
    /// `-J`.
    pub jump: Option<String>,
    /// `-o`, each `Key=Value` or `Key Value`.
    pub options: Vec<String>,
}

impl SshOptions {
    /// Checks all that can be wrong with these options before a host is known: names, and whether `ssh` knows each `-o`.
    ///
    /// # Errors
    /// [`SshProblem::HostName`], [`SshProblem::UserName`] and [`SshProblem::Option`].
    pub fn check(&self) -> Result<(), SshProblem> {
        check(self)?;
        let ssh = OpenSsh::at("ssh");
        self.options.iter().try_for_each(|option| {
            ssh.knows(option).map_err(|reason| SshProblem::Option { written: option.clone(), reason })
        })
    }
}

/// Why a configuration cannot be used.
#[derive(Debug)]
struct Unusable {
    reason: String,
    remedy: ConfigRemedy,
}

impl Unusable {
    fn about(self, host: &HostName) -> SshProblem {
        SshProblem::Config { host: host.written.clone(), reason: self.reason, remedy: self.remedy }
    }
}

impl From<String> for Unusable {
    fn from(reason: String) -> Self {
        Self { reason, remedy: ConfigRemedy::Correct }
    }
}

/// The maximum of jump hosts, since the jumps of a configuration may lead in a circle.
const MOST_JUMPS: usize = 8;

/// Resolves host names to destinations.
#[derive(Debug)]
pub struct Resolver {
    options: SshOptions,
    openssh: OpenSsh,
}

impl Resolver {
    /// A resolver with the options of the command line.
    pub fn new(options: SshOptions) -> Self {
        Self { options, openssh: OpenSsh::at("ssh") }
    }

    /// Resolves a host name by `ssh -G`, so `Include`, `Match` and tokens mean what they mean to OpenSSH. If OpenSSH is not
    /// installed, only the command line counts, and the destination has a warning about it.
    ///
    /// # Errors
    /// [`SshProblem::HostName`] and [`SshProblem::UserName`] if the name, `-l`, `-J` or an `-o` is not a valid name: then nothing
    /// was run. [`SshProblem::Config`] if the configuration cannot be read or obeyed, [`SshProblem::RemoteCommand`] if it
    /// sets a command of its own.
    pub fn resolve(&self, name: &str) -> Result<Destination, SshProblem> {
        resolve_with(name, &self.options, &self.openssh)
    }
}

/// Like [`Resolver::resolve`], for one host.
///
/// # Errors
/// The same.
pub fn resolve(name: &str, options: &SshOptions) -> Result<Destination, SshProblem> {
    Resolver::new(options.clone()).resolve(name)
}

fn resolve_with(name: &str, options: &SshOptions, ssh: &OpenSsh) -> Result<Destination, SshProblem> {
    let host = HostName::parse(name)?;
    check(options)?;
    let (mut destination, fields) = alone(&host, options, ssh)?;
    if fields.first("remotecommand").is_some_and(|command| command != "none") {
        return Err(SshProblem::RemoteCommand { host: host.written });
    }
    destination.warnings.extend(unused::about_a_forward(&fields));
    destination.via = via(destination.via, &host, &fields, options, ssh, MOST_JUMPS)?;
    if let Via::Jumps(hops) = &destination.via {
        let hops =
            hops.iter().flat_map(|hop| hop.warnings.iter().map(|warning| format!("{}: {warning}", hop.name)));
        // If `ssh` is missing, it is missing for all hosts.
        destination.warnings.extend(hops.filter(|warning| !warning.ends_with(without_openssh::WARNING)));
    }
    Ok(destination)
}

/// Checks every name of the command line other than the host.
fn check(options: &SshOptions) -> Result<(), SshProblem> {
    let mut users: Vec<String> = options.user.iter().cloned().collect();
    let mut jumps: Vec<String> = options.jump.iter().cloned().collect();
    for text in &options.options {
        let (name, value) = option::parse(text)
            .map_err(|reason| SshProblem::Option { written: text.clone(), reason: reason.to_owned() })?;
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
        is_fine.map_err(|reason| SshProblem::UserName { written: user, reason })?;
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

/// A host without its jump hosts, and what the configuration says about it.
fn alone(host: &HostName, options: &SshOptions, ssh: &OpenSsh) -> Result<(Destination, Fields), SshProblem> {
    let config_problem = |unusable: Unusable| unusable.about(host);
    let mut warnings = Vec::new();
    let (fields, defaults) = match ssh.ask(host, options).map_err(|reason| config_problem(reason.into()))? {
        Some(Asked { fields, defaults }) => {
            warnings.extend(unused::warnings(&fields, &defaults));
            (fields, defaults)
        }
        None => {
            warnings.push(without_openssh::WARNING.to_owned());
            (without_openssh::read(host, options).map_err(config_problem)?, Fields::default())
        }
    };
    if settings::passes_a_descriptor(&fields) {
        return Err(config_problem(Unusable {
            reason: "ProxyUseFdpass is not supported here".to_owned(),
            remedy: ConfigRemedy::Without("ProxyUseFdpass=no"),
        }));
    }
    let destination = settings::destination(host, &fields, &defaults, &mut warnings);
    let mut destination = destination.map_err(config_problem)?;
    for file in options.identities.iter().filter(|file| !destination.credentials.identities.contains(file)) {
        warnings.push(format!("-i {}: there is no such key, and no public half of it", file.display()));
    }
    destination.warnings = warnings;
    Ok((destination, fields))
}

/// The route to a host: its `ProxyJump`, or its other route. As with `ssh`, each jump host has its own configuration from the same file,
/// and the options of the command line apply only to the last host.
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
    let too_many = || {
        let reason = format!("its ProxyJump leads through more than {MOST_JUMPS} hosts");
        Unusable { reason, remedy: ConfigRemedy::FewerJumps }.about(host)
    };
    let own = SshOptions { config: options.config.clone(), ..SshOptions::default() };
    let hops = hops(jumps)?;
    let left = hops_left.checked_sub(hops.len()).ok_or_else(too_many)?;
    let mut all = Vec::new();
    for hop in &hops {
        let (mut destination, fields) = alone(hop, &own, ssh)?;
        // Only the first has its own route. Each other host is reached through the one before it.
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
