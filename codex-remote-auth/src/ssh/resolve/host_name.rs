//! The forms in which people write a host.

use super::valid;
use crate::ssh::SshProblem;

/// A host as a person wrote it: an alias, a name or an address, with or without an account and a port. All parts are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName {
    /// The text as it was written.
    pub written: String,
    /// The name that `ssh` is asked about.
    pub host: String,
    /// The account, if given.
    pub user: Option<String>,
    /// The port, if given.
    pub port: Option<u16>,
}

impl HostName {
    /// Reads `host`, `user@host`, `user@host:port`, `ssh://[user@]host[:port]`, and IPv6 addresses with or without brackets. A
    /// port after an IPv6 address needs the brackets.
    ///
    /// # Errors
    /// [`SshProblem::HostName`], also for names that a shell could interpret.
    pub fn parse(written: &str) -> Result<Self, SshProblem> {
        let problem = |reason: String| SshProblem::HostName { written: written.to_owned(), reason };
        let rest = match written.strip_prefix("ssh://") {
            Some(rest) => rest.strip_suffix('/').unwrap_or(rest),
            None => written,
        };
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user.to_owned()), place),
            None => (None, rest),
        };
        if let Some(user) = &user {
            valid::user(user).map_err(problem)?;
        }
        let (host, port) = host_and_port(place).map_err(|reason| problem(reason.to_owned()))?;
        valid::host(host).map_err(problem)?;
        Ok(Self { written: written.to_owned(), host: host.to_owned(), user, port })
    }
}

fn host_and_port(place: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = if let Some(inner) = place.strip_prefix('[') {
        let (host, after) = inner.split_once(']').ok_or("the closing bracket is missing")?;
        match after.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if after.is_empty() => (host, None),
            None => return Err("only :PORT may follow the closing bracket"),
        }
    } else if place.matches(':').count() > 1 {
        (place, None)
    } else {
        place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)))
    };
    match port.map(str::parse) {
        None => Ok((host, None)),
        Some(Ok(port @ 1..)) => Ok((host, Some(port))),
        Some(_) => Err("the port must be a number from 1 to 65535"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(written: &str) -> (String, Option<String>, Option<u16>) {
        let HostName { host, user, port, .. } = HostName::parse(written).unwrap();
        (host, user, port)
    }

    #[test]
    fn every_form_is_read() {
        for (written, host, user, port) in [
            ("box", "box", None, None),
            ("me@box", "box", Some("me"), None),
            ("me@box:2222", "box", Some("me"), Some(2222)),
            ("box:22", "box", None, Some(22)),
            ("ssh://box", "box", None, None),
            ("ssh://me@box:2222/", "box", Some("me"), Some(2222)),
            ("ssh://me@[::1]:2222", "::1", Some("me"), Some(2222)),
            ("[2001:db8::1]", "2001:db8::1", None, None),
            ("2001:db8::1", "2001:db8::1", None, None),
            ("me@fe80::1%eth0", "fe80::1%eth0", Some("me"), None),
            ("first.last@corp@box", "box", Some("first.last@corp"), None),
        ] {
            assert_eq!(parts(written), (host.to_owned(), user.map(str::to_owned), port), "{written}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for written in [
            "",
            "@box",
            "me@",
            ":22",
            "box:",
            "box:0",
            "box:65536",
            "box:ssh",
            "[::1",
            "[::1]22",
            "-oProxyCommand=x",
            "-l@box",
            "me@-box",
            "two words",
            "a\nb",
            "ssh://box/path",
            "ssh://",
            "$(touch${IFS}pwn)@box",
            "$(touch${IFS}pwn)",
            "me@box;id",
            "me@`id`",
            "\u{feff}box",
            "box\r",
            "me@b\u{202e}ox",
        ] {
            let problem = HostName::parse(written).unwrap_err();
            assert_eq!(problem.code(), "ssh-host-name", "{written}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_all_parts_of_what_is_read_are_valid(text in "\\PC{0,30}|[a-z@:%\\[\\]$`. -]{0,12}") {
            if let Ok(host) = HostName::parse(&text) {
                prop_assert_eq!(valid::host(&host.host), Ok(()));
                prop_assert!(host.user.is_none_or(|user| valid::user(&user).is_ok()));
            }
        }
    }
}
