//! What a person is shown of the output of `ssh -G`.

use super::fields::Fields;

/// Settings whose values are shown. No value of another setting is: commands and variables may contain a password.
const SHOWN: &[&str] = &[
    "addressfamily",
    "batchmode",
    "bindaddress",
    "casignaturealgorithms",
    "certificatefile",
    "ciphers",
    "connecttimeout",
    "globalknownhostsfile",
    "hashknownhosts",
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
    "proxyjump",
    "pubkeyacceptedalgorithms",
    "pubkeyauthentication",
    "requiredrsasize",
    "revokedhostkeys",
    "stricthostkeychecking",
    "user",
    "userknownhostsfile",
];

/// Settings that are not shown, because they are the name that was asked about.
const NAMES: &[&str] = &["host", "originalhost"];

/// The settings that differ from the defaults, one `name value` each, without the values that may contain a secret.
pub(super) fn settings(fields: &Fields, defaults: &Fields) -> Vec<String> {
    let mut lines = Vec::new();
    for name in fields.names() {
        if NAMES.contains(&name) || fields.all(name).eq(defaults.all(name)) {
            continue;
        }
        if SHOWN.contains(&name) {
            lines.extend(fields.all(name).map(|value| format!("{name} {value}")));
        } else {
            lines.push(format!("{name} is set (its value may contain a secret and is not shown)"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_variables_are_named_and_not_shown() {
        let defaults = Fields::from_lines("port 22\nciphers a,b\nidentityfile ~/.ssh/id_rsa");
        let fields = Fields::from_lines(
            "host box\nport 2222\nciphers a,b\nidentityfile /k1\nidentityfile /k2\nproxycommand nc --password hunter2\n\
             setenv TOKEN=hunter2",
        );
        let shown = settings(&fields, &defaults);
        assert_eq!(shown[..3], ["identityfile /k1", "identityfile /k2", "port 2222"]);
        assert!(
            shown[3].starts_with("proxycommand is set") && shown[4].starts_with("setenv is set"),
            "{shown:?}"
        );
        assert!(!shown.concat().contains("hunter2"));
    }
}
