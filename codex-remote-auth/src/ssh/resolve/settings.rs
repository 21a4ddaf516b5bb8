//! Turns settings by name into a destination.

use std::path::PathBuf;
use std::time::Duration;

use super::fields::Fields;
use super::shown;
use super::tokens::Tokens;
use super::valid;
use super::variables::variables;
use super::{HostName, Unusable};
use crate::ssh::login::public_half;
use crate::ssh::{
    AddressFamily, Agent, Algorithms, ConfigRemedy, Credentials, Destination, Endpoint, HostKeyRule, KeyRule,
    Strictness, Via,
};

/// All but the jump hosts, which have their own settings.
pub(super) fn destination(
    name: &HostName,
    fields: &Fields,
    defaults: &Fields,
    warnings: &mut Vec<String>,
) -> Result<Destination, Unusable> {
    let host = fields.first("hostname").unwrap_or(&name.host);
    let user = match fields.first("user") {
        Some(user) => user.to_owned(),
        None => {
            ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok()).ok_or_else(|| Unusable {
                reason: "there is no user name: neither the host nor the variable USER has one".to_owned(),
                remedy: ConfigRemedy::NameAccount,
            })?
        }
    };
    let port = match fields.first("port").map(str::parse) {
        None => 22,
        Some(Ok(port @ 1..)) => port,
        Some(_) => return Err("Port must be a number from 1 to 65535".to_owned().into()),
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
        algorithms: Algorithms {
            key_exchange: list(fields, "kexalgorithms"),
            host_keys: list(fields, "hostkeyalgorithms"),
            ciphers: list(fields, "ciphers"),
            macs: list(fields, "macs"),
            required_rsa_bits: required_rsa_bits(fields)?,
        },
        credentials: credentials(fields, defaults, &tokens)?,
        via,
        connect_timeout: connect_timeout(fields)?,
        family: match fields.first("addressfamily") {
            Some("inet") => AddressFamily::V4,
            Some("inet6") => AddressFamily::V6,
            _ => AddressFamily::Any,
        },
        bind_address: fields.first("bindaddress").map(str::to_owned),
        variables: variables(fields, own_variables())?,
        settings: shown::settings(fields, defaults),
        warnings: Vec::new(),
        endpoint: Endpoint::new(user.clone(), host, port),
    })
}

/// The caller's variables. One that is not text is not sent.
fn own_variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn connect_timeout(fields: &Fields) -> Result<Option<Duration>, String> {
    match fields.first("connecttimeout") {
        None | Some("none") => Ok(None),
        // As in OpenSSH, zero and below mean no limit.
        Some(seconds) => match seconds.parse::<i128>() {
            Ok(..=0) => Ok(None),
            Ok(seconds) => Ok(Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)))),
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
    if !matches!(fields.first("verifyhostkeydns"), None | Some("no" | "false")) {
        warnings.push(
            "VerifyHostKeyDNS is not supported here: the files of known hosts alone decide about the host key".to_owned(),
        );
    }
    let strictness = match fields.first("stricthostkeychecking") {
        Some("yes" | "true") => Strictness::Refuse,
        Some("accept-new") => Strictness::AcceptNew,
        Some("no" | "off" | "false") => {
            warnings.push(
                "StrictHostKeyChecking is off: a new host key is accepted and written down, but a changed one is still \
                 refused, because a login is about to be sent"
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
    })
}

/// Names joined by commas. An empty list means that none was given.
fn list(fields: &Fields, name: &str) -> Vec<String> {
    let text = fields.first(name).unwrap_or_default();
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The value of OpenSSH without a configuration, in bits.
const USUAL_RSA_BITS: u32 = 1024;

fn required_rsa_bits(fields: &Fields) -> Result<u32, String> {
    fields.first("requiredrsasize").map_or(Ok(USUAL_RSA_BITS), |bits| {
        bits.parse().map_err(|_| format!("RequiredRSASize must be a number of bits: {bits}"))
    })
}

/// `PubkeyAcceptedAlgorithms`, and its name before OpenSSH 8.5.
const ACCEPTED: [&str; 2] = ["pubkeyacceptedalgorithms", "pubkeyacceptedkeytypes"];

fn key_rule(fields: &Fields, defaults: &Fields) -> Result<KeyRule, String> {
    let is_usual = |name: &&str| fields.first(name) == defaults.first(name);
    Ok(KeyRule {
        algorithms: ACCEPTED.iter().flat_map(|name| list(fields, name)).collect(),
        required_rsa_bits: required_rsa_bits(fields)?,
        is_usual: ACCEPTED.iter().chain(&["requiredrsasize"]).all(is_usual),
    })
}

/// File names in one line, separated by spaces. `ssh -G` does not quote a space within a name, so pieces that together are the
/// name of a file count as one.
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

fn credentials(fields: &Fields, defaults: &Fields, tokens: &Tokens<'_>) -> Result<Credentials, String> {
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
    let preferred = fields.first("preferredauthentications");
    let no = |setting: &str, method: &str| {
        let is_left_out = preferred.is_some_and(|all| !all.split(',').any(|one| one.trim() == method));
        is_left_out || matches!(fields.first(setting), Some("no" | "false"))
    };
    Ok(Credentials {
        agent,
        identities,
        certificates: certificates?,
        identities_only: is_yes(fields.first("identitiesonly")),
        key_rule: key_rule(fields, defaults)?,
        no_keys: no("pubkeyauthentication", "publickey"),
        no_questions: no("kbdinteractiveauthentication", "keyboard-interactive"),
        no_password: no("passwordauthentication", "password"),
        batch: is_yes(fields.first("batchmode")),
    })
}

/// Whether the configuration sets `ProxyUseFdpass` for its `ProxyCommand`.
pub(super) fn passes_a_descriptor(fields: &Fields) -> bool {
    let jump = fields.first("proxyjump").unwrap_or_default();
    let command = fields.first("proxycommand").filter(|command| *command != "none" && jump.is_empty());
    command.is_some() && is_yes(fields.first("proxyusefdpass"))
}

fn is_yes(value: Option<&str>) -> bool {
    matches!(value, Some("yes" | "true"))
}
