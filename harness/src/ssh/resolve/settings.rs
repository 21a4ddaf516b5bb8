//! From settings by name to a destination.

use std::path::PathBuf;
use std::time::Duration;

use super::HostName;
use super::fields::Fields;
use super::tokens::Tokens;
use super::valid;
use crate::ssh::login::public_half;
use crate::ssh::{AddressFamily, Agent, Credentials, Destination, Endpoint, HostKeyRule, Strictness, Via};

/// All but the hosts of `ProxyJump`, which have settings of their own.
pub(super) fn destination(
    name: &HostName,
    fields: &Fields,
    warnings: &mut Vec<String>,
) -> Result<Destination, String> {
    let host = fields.first("hostname").unwrap_or(&name.host);
    let user = match fields.first("user") {
        Some(user) => user.to_owned(),
        None => ["USER", "LOGNAME"]
            .iter()
            .find_map(|name| std::env::var(name).ok())
            .ok_or("no user name: neither the host nor the variable USER gives one")?,
    };
    let port = match fields.first("port").map(str::parse) {
        None => 22,
        Some(Ok(port @ 1..)) => port,
        Some(_) => return Err("Port must be a number from 1 to 65535".to_owned()),
    };
    valid::host(host).map_err(|reason| format!("HostName is not valid: {reason}"))?;
    let alias = fields.first("hostkeyalias").map(str::to_owned);
    let jump = fields.first("proxyjump").unwrap_or_default();
    let key_name = alias.as_deref().unwrap_or(&name.host);
    let tokens = Tokens { name: &name.host, host, port, user: &user, key_name, jump };
    let via = match fields.first("proxycommand").filter(|command| *command != "none" && jump.is_empty()) {
        Some(command) => Via::Command(tokens.command(command)?),
        None => Via::Direct,
    };
    Ok(Destination {
        name: name.written.clone(),
        host_keys: host_keys(fields, &tokens, alias.clone(), warnings)?,
        credentials: credentials(fields, &tokens)?,
        via,
        connect_timeout: connect_timeout(fields)?,
        family: match fields.first("addressfamily") {
            Some("inet") => AddressFamily::V4,
            Some("inet6") => AddressFamily::V6,
            _ => AddressFamily::Any,
        },
        bind_address: fields.first("bindaddress").map(str::to_owned),
        warnings: Vec::new(),
        endpoint: Endpoint::new(user.clone(), host, port),
    })
}

fn connect_timeout(fields: &Fields) -> Result<Option<Duration>, String> {
    match fields.first("connecttimeout") {
        None | Some("none" | "0") => Ok(None),
        Some(seconds) => match seconds.parse() {
            Ok(seconds) => Ok(Some(Duration::from_secs(seconds))),
            Err(_) => Err(format!("ConnectTimeout must be a number of seconds: {seconds}")),
        },
    }
}

fn host_keys(
    fields: &Fields,
    tokens: &Tokens<'_>,
    alias: Option<String>,
    warnings: &mut Vec<String>,
) -> Result<HostKeyRule, String> {
    let files = |name: &str, otherwise: &str| -> Result<Vec<PathBuf>, String> {
        let text = fields.first(name).unwrap_or(otherwise);
        let files = names_in(text).into_iter().filter(|file| file != "none").map(|file| tokens.file(&file));
        files.collect()
    };
    let strictness = match fields.first("stricthostkeychecking") {
        Some("yes" | "true") => Strictness::Refuse,
        Some("accept-new") => Strictness::AcceptNew,
        Some("no" | "off" | "false") => {
            warnings.push(
                "StrictHostKeyChecking is off: a new host key is taken and written down, but one that has changed is \
                 refused all the same, since a login is about to be sent"
                    .to_owned(),
            );
            Strictness::AcceptNew
        }
        _ => Strictness::Ask,
    };
    Ok(HostKeyRule {
        user_files: files("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2")?,
        global_files: files("globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2")?,
        hash: is_yes(fields.first("hashknownhosts")),
        strictness,
        alias,
        revoked: fields
            .first("revokedhostkeys")
            .filter(|file| *file != "none")
            .map(|file| tokens.file(file.trim_matches('"')))
            .transpose()?,
        algorithms: fields
            .first("hostkeyalgorithms")
            .map(|list| list.split(',').map(str::to_owned).collect())
            .unwrap_or_default(),
    })
}

/// File names that stand in one line, parted by spaces. `ssh -G` prints a space within a name as it is, so pieces that
/// make the name of a file together are taken for one.
fn names_in(text: &str) -> Vec<String> {
    let pieces: Vec<&str> = text.split(' ').filter(|piece| !piece.is_empty()).collect();
    let mut names = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let whole = (at + 2..=pieces.len()).rev().map(|end| (end, pieces[at..end].join(" ")));
        match whole.into_iter().find(|(_, name)| PathBuf::from(name).is_file()) {
            Some((end, name)) => {
                names.push(name);
                at = end;
            }
            None => {
                names.push(pieces[at].to_owned());
                at += 1;
            }
        }
    }
    names
}

fn credentials(fields: &Fields, tokens: &Tokens<'_>) -> Result<Credentials, String> {
    let agent = match fields.first("identityagent") {
        None | Some("SSH_AUTH_SOCK") => Agent::Environment,
        Some("none") => Agent::None,
        Some(text) => match text.strip_prefix('$').filter(|name| !name.starts_with('{')) {
            Some(name) => std::env::var_os(name).map_or(Agent::None, |socket| Agent::At(socket.into())),
            None => Agent::At(tokens.file(text)?),
        },
    };
    let mut identities = Vec::new();
    for file in fields.all("identityfile").filter(|file| *file != "none") {
        let file = tokens.file(file.trim_matches('"'))?;
        if file.is_file() || public_half(&file).is_file() {
            identities.push(file);
        }
    }
    let certificates = fields
        .all("certificatefile")
        .filter(|file| *file != "none")
        .map(|file| tokens.file(file.trim_matches('"')));
    let certificates: Result<Vec<PathBuf>, String> = certificates.collect();
    let no = |name: &str| matches!(fields.first(name), Some("no" | "false"));
    Ok(Credentials {
        agent,
        identities,
        certificates: certificates?,
        identities_only: is_yes(fields.first("identitiesonly")),
        no_keys: no("pubkeyauthentication"),
        no_questions: no("kbdinteractiveauthentication"),
        no_password: no("passwordauthentication"),
        batch: is_yes(fields.first("batchmode")),
    })
}

fn is_yes(value: Option<&str>) -> bool {
    matches!(value, Some("yes" | "true"))
}
