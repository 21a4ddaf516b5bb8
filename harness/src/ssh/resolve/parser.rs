//! What a parser makes of a configuration, where OpenSSH is not here.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use ssh2_config::{HostParams, ParseRule, SshConfig};

use super::fields::Fields;
use super::{HostName, SshOptions};

pub(super) const WARNING: &str = "OpenSSH's `ssh` is not here, so the SSH configuration was read by a simpler parser: \
    `Match` and some tokens may not count";

/// The system's own configuration, which counts after the account's.
const SYSTEM: &str = "/etc/ssh/ssh_config";

/// Reads what `ssh -G` would have said, as far as it is known: the command line's options, then the files.
pub(super) fn read(host: &HostName, options: &SshOptions) -> Result<Fields, String> {
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
    for option in &options.options {
        let (name, value) = option
            .split_once(['=', ' '])
            .ok_or_else(|| format!("-o wants NAME=VALUE, and not `{option}`"))?;
        fields.add(name.trim(), value.trim_matches('"'));
    }
    match &options.config {
        Some(file) if file.as_os_str() == "none" => {}
        Some(file) => add_file(&mut fields, file, host, true)?,
        None => {
            let own = std::env::home_dir().map(|home| home.join(".ssh/config"));
            for file in own.into_iter().chain([PathBuf::from(SYSTEM)]) {
                add_file(&mut fields, &file, host, false)?;
            }
        }
    }
    Ok(fields)
}

fn add_file(fields: &mut Fields, file: &Path, host: &HostName, has_to_be: bool) -> Result<(), String> {
    let named = |reason: String| format!("{}: {reason}", file.display());
    let opened = match File::open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound && !has_to_be => return Ok(()),
        other => other.map_err(|error| named(error.to_string()))?,
    };
    let config = SshConfig::default()
        .parse(&mut BufReader::new(opened), ParseRule::ALLOW_UNSUPPORTED_FIELDS)
        .map_err(|error| named(error.to_string()))?;
    add_params(fields, config.query(&host.host));
    Ok(())
}

fn add_params(fields: &mut Fields, params: HostParams) {
    let seconds = |span: std::time::Duration| span.as_secs().to_string();
    let yes_or_no = |choice: bool| if choice { "yes" } else { "no" }.to_owned();
    let single = [
        ("hostname", params.host_name),
        ("user", params.user),
        ("port", params.port.map(|port| port.to_string())),
        ("bindaddress", params.bind_address),
        ("bindinterface", params.bind_interface),
        ("connecttimeout", params.connect_timeout.map(seconds)),
        ("proxyjump", params.proxy_jump.map(|jumps| jumps.join(","))),
        ("pubkeyauthentication", params.pubkey_authentication.map(yes_or_no)),
        ("certificatefile", params.certificate_file.map(|file| file.display().to_string())),
        ("compression", params.compression.map(yes_or_no)),
    ];
    for (name, value) in single {
        if let Some(value) = value {
            fields.add(name, &value);
        }
    }
    for file in params.identity_file.unwrap_or_default() {
        fields.add("identityfile", &file.display().to_string());
    }
    if !params.host_key_algorithms.is_default() {
        fields.add("hostkeyalgorithms", &params.host_key_algorithms.algorithms().join(","));
    }
    let mut others: Vec<_> = params.unsupported_fields.into_iter().collect();
    others.sort();
    for (name, values) in others {
        fields.add(&name, &values.join(" "));
    }
}
