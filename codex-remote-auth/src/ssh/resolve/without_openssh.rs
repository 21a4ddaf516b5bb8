//! Without OpenSSH, only `user@host:port` and the options of the command line count.
//!
//! Only `ssh` reads an SSH configuration as `ssh` does, and a guess could lead to another host or skip a check. So the configuration
//! is not read, with a warning, and an option that needs it is an error.

use super::fields::Fields;
use super::option::parse;
use super::{HostName, SshOptions, Unusable};
use crate::ssh::ConfigRemedy;

pub(super) const WARNING: &str =
    "`ssh` is not installed on this machine, so ~/.ssh/config and /etc/ssh/ssh_config are not read";

/// Options that mean the same without OpenSSH, and their values.
const KNOWN: &[(&str, Values)] = &[
    ("addressfamily", Values::OneOf(&["any", "inet", "inet6"])),
    ("batchmode", YES_OR_NO),
    ("bindaddress", Values::Any),
    ("certificatefile", Values::Any),
    ("ciphers", Values::Names),
    ("connecttimeout", Values::Any),
    ("globalknownhostsfile", Values::Any),
    ("hashknownhosts", YES_OR_NO),
    ("hostkeyalgorithms", Values::Names),
    ("hostkeyalias", Values::Any),
    ("hostname", Values::Any),
    ("identitiesonly", YES_OR_NO),
    ("identityagent", Values::Any),
    ("identityfile", Values::Any),
    ("kbdinteractiveauthentication", YES_OR_NO),
    ("kexalgorithms", Values::Names),
    ("macs", Values::Names),
    ("passwordauthentication", YES_OR_NO),
    ("port", Values::Any),
    ("preferredauthentications", Values::Names),
    ("proxycommand", Values::Any),
    ("proxyjump", Values::Any),
    ("pubkeyacceptedalgorithms", Values::Names),
    ("pubkeyauthentication", YES_OR_NO),
    ("remotecommand", Values::Any),
    ("requiredrsasize", Values::Any),
    ("revokedhostkeys", Values::Any),
    ("stricthostkeychecking", Values::OneOf(&["yes", "no", "true", "false", "off", "ask", "accept-new"])),
    ("user", Values::Any),
    ("userknownhostsfile", Values::Any),
];

const YES_OR_NO: Values = Values::OneOf(&["yes", "no", "true", "false"]);

/// Where OpenSSH looks for keys if no IdentityFile is set.
const IDENTITIES: [&str; 3] = ["~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519"];

#[derive(Debug, Clone, Copy)]
enum Values {
    Any,
    /// A list without the signs that change the default list, which only `ssh` knows.
    Names,
    OneOf(&'static [&'static str]),
}

/// What `ssh -G` would print for the command line only.
pub(super) fn read(host: &HostName, options: &SshOptions) -> Result<Fields, Unusable> {
    let needs_openssh = |what: String| Unusable {
        reason: format!("{what} needs OpenSSH's `ssh`, which is not installed on this machine"),
        remedy: ConfigRemedy::InstallOpenSsh,
    };
    if let Some(file) = options.config.as_ref().filter(|file| file.as_os_str() != "none") {
        return Err(needs_openssh(format!("-F {}", file.display())));
    }
    let mut fields = Fields::default();
    if let Some(user) = host.user.as_ref().or(options.user.as_ref()) {
        fields.add("user", user);
    }
    if let Some(port) = host.port.or(options.port) {
        fields.add("port", &port.to_string());
    }
    for file in &options.identities {
        fields.add("identityfile", &file.display().to_string());
    }
    if let Some(jump) = &options.jump {
        fields.add("proxyjump", jump);
    }
    for text in &options.options {
        let (name, value) = parse(text).map_err(str::to_owned)?;
        let values = KNOWN.iter().find(|(known, _)| *known == name).map(|(_, values)| *values);
        match values {
            Some(Values::Any) => fields.add(&name, &value),
            Some(Values::Names) if !value.starts_with(['+', '-', '^']) && !value.contains(['*', '?']) => {
                fields.add(&name, &value);
            }
            Some(Values::Names) => {
                return Err(needs_openssh(format!(
                    "-o {name}={value}: a list that starts with +, - or ^, or has a pattern in it,"
                )));
            }
            Some(Values::OneOf(all)) if all.contains(&value.as_str()) => fields.add(&name, &value),
            Some(Values::OneOf(all)) => {
                return Err(format!("-o {name}={value}: the value must be one of {}", all.join(", ")).into());
            }
            None => {
                return Err(needs_openssh(format!("-o {name}")));
            }
        }
    }
    if fields.first("identityfile").is_none() {
        IDENTITIES.iter().for_each(|file| fields.add("identityfile", file));
    }
    Ok(fields)
}
