//! Settings of a configuration that this program does not support.

use super::fields::Fields;

/// Settings that are supported.
const HONOURED: &[&str] = &[
    "addressfamily",
    "batchmode",
    "bindaddress",
    "certificatefile",
    "ciphers",
    "connecttimeout",
    "globalknownhostsfile",
    "hashknownhosts",
    "host",
    "hostkeyalgorithms",
    "hostkeyalias",
    "hostname",
    "identitiesonly",
    "identityagent",
    "identityfile",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "macs",
    "passwordauthentication",
    "port",
    "preferredauthentications",
    "proxycommand",
    "proxyjump",
    "proxyusefdpass",
    "pubkeyacceptedalgorithms",
    "pubkeyacceptedkeytypes",
    "pubkeyauthentication",
    "requiredrsasize",
    "revokedhostkeys",
    "sendenv",
    "setenv",
    "stricthostkeychecking",
    "user",
    "userknownhostsfile",
    // It has its own warning.
    "verifyhostkeydns",
];

/// Settings that make no difference here: terminals, forwarding, sharing, how `ssh` talks to people, and what `ssh -G` has already
/// applied.
const WITHOUT_MEANING_HERE: &[&str] = &[
    "addkeystoagent",
    "canonicaldomains",
    "canonicalizefallbacklocal",
    "canonicalizehostname",
    "canonicalizemaxdots",
    "canonicalizepermittedcnames",
    // Certificates of servers are not asked for.
    "casignaturealgorithms",
    "clearallforwardings",
    "connectionattempts",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "dynamicforward",
    "enableescapecommandline",
    "escapechar",
    "exitonforwardfailure",
    "fingerprinthash",
    "forkafterauthentication",
    "forwardagent",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    // Distributions enable it for everybody. If a server accepts nothing else, the error says so.
    "gssapiauthentication",
    "gssapidelegatecredentials",
    "gssapikexalgorithms",
    "gssapikeyexchange",
    "gssapirenewalforcesrekey",
    "gssapitrustdns",
    // Authentication by the key of this machine is not supported.
    "hostbasedacceptedalgorithms",
    "ignoreunknown",
    "include",
    "localforward",
    "loglevel",
    "logverbose",
    "numberofpasswordprompts",
    "permitlocalcommand",
    "permitremoteopen",
    "remoteforward",
    "remotecommand",
    "requesttty",
    "serveralivecountmax",
    "serveraliveinterval",
    "sessiontype",
    "stdinnull",
    "streamlocalbindmask",
    "streamlocalbindunlink",
    "syslogfacility",
    "tag",
    "tcpkeepalive",
    "tunnel",
    "tunneldevice",
    "updatehostkeys",
    "visualhostkey",
    "xauthlocation",
];

/// One warning about all settings that are not supported.
pub(super) fn warnings(fields: &Fields, defaults: &Fields) -> Vec<String> {
    let unused: Vec<&str> = fields
        .names()
        .into_iter()
        .filter(|name| !HONOURED.contains(name) && !WITHOUT_MEANING_HERE.contains(name))
        .filter(|name| !fields.all(name).eq(defaults.all(name)))
        .filter(|name| *name != "localcommand" || fields.first("permitlocalcommand") == Some("yes"))
        .collect();
    if unused.is_empty() {
        return Vec::new();
    }
    vec![format!("the SSH configuration sets {}, which is not supported here", unused.join(", "))]
}

/// A warning about a forward that codex on the host may need. A port there that leads to this machine is open to every
/// user of the host, so it is not made without being asked for. Hosts on the way have no use for one.
pub(super) fn about_a_forward(fields: &Fields) -> Option<String> {
    fields.first("remoteforward")?;
    let what = "RemoteForward of the SSH configuration is not set up here: if codex on the host needs it, for example for a \
        proxy, keep `ssh` to this host open meanwhile";
    Some(what.to_owned())
}
