//! What to do about an SSH problem, and in what state it leaves the host.

use std::borrow::Cow;

use super::algorithms::{common, first_supported};
use super::{ConfigRemedy, Mismatch, Peer, SshProblem, TrustAnswer};
use crate::message::{Failure, Hint};

/// The state if the server was reached, but got nothing of ours.
const NOTHING_SENT: &str = "nothing was sent";

/// The waits that end before a command runs on the host.
const BEFORE_A_COMMAND: [&str; 4] = ["connecting", "the SSH handshake", "the login", "the agent's answer"];

impl SshProblem {
    /// Whether the server ran nothing for us yet, so nothing on the host can have changed.
    pub fn is_before_a_command(&self) -> bool {
        match self {
            Self::TimedOut { doing, .. } => BEFORE_A_COMMAND.contains(doing),
            Self::Lost { doing, .. } => *doing == "logging in",
            Self::PortTaken { .. } => false,
            _ => true,
        }
    }

    /// Whether the call itself is wrong, so that no host was looked at.
    pub fn is_of_the_call(&self) -> bool {
        matches!(self, Self::HostName { .. } | Self::UserName { .. } | Self::Option { .. })
    }

    /// Whether there was nobody to show that a login is sent to the right place.
    fn is_before_a_server(&self) -> bool {
        match self {
            Self::TimedOut { doing, .. } => *doing == "connecting",
            Self::HostName { .. }
            | Self::UserName { .. }
            | Self::Option { .. }
            | Self::RemoteCommand { .. }
            | Self::Config { .. }
            | Self::NoSuchHost { .. }
            | Self::Unreachable { .. }
            | Self::BindAddress { .. }
            | Self::ProxyCommand { .. }
            | Self::Forbidden { is_reached: false, .. }
            | Self::PortTaken { .. } => true,
            _ => false,
        }
    }
}

impl Failure for SshProblem {
    /// `None` also if a command ran: only the work that it did knows the state then.
    fn state(&self) -> Option<Cow<'static, str>> {
        (self.is_before_a_command() && !self.is_before_a_server()).then_some(NOTHING_SENT.into())
    }

    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::HostName { .. } => vec![Hint::words(
                "a host is an alias of the SSH configuration, HOST, USER@HOST, USER@HOST:PORT, ssh://USER@HOST:PORT or \
                 USER@[IPV6]:PORT",
            )],
            Self::UserName { .. } => Vec::new(),
            Self::Option { .. } => {
                vec![Hint::words("`man ssh_config` lists the options; each is written NAME=VALUE")]
            }
            Self::RemoteCommand { .. } => vec![option("to leave its command out", "RemoteCommand=none")],
            Self::Config { remedy, .. } => vec![config(*remedy)],
            Self::NoSuchHost { other_family: true, .. } => {
                vec![option("to allow any address", "AddressFamily=any")]
            }
            Self::NoSuchHost { .. } => {
                vec![Hint::meant("did you mean"), Hint::words("check the spelling of the host")]
            }
            Self::Unreachable { .. } => {
                vec![Hint::words("check that sshd is running and that the port is right")]
            }
            Self::BindAddress { .. } => {
                vec![Hint::words(
                    "correct BindAddress: it must be an address of this machine that reaches the host",
                )]
            }
            Self::Handshake { peer, .. } => handshake(*peer),
            Self::NoCommonAlgorithm { mismatch: Some(mismatch), .. } => no_common_algorithm(mismatch),
            Self::NoCommonAlgorithm { mismatch: None, .. } => vec![
                Hint::words(
                    "`ssh -vv` shows what the server supports, below \"peer server KEXINIT proposal\"",
                ),
                Hint::words("-o KexAlgorithms=+NAME allows one more"),
            ],
            Self::KnownHosts { .. } => {
                vec![Hint::words("correct the file, or use another: -o UserKnownHostsFile=FILE")]
            }
            Self::HostKeyUnknown { answer, authority, .. } => {
                let mut hints = host_key_unknown(*answer);
                if *authority {
                    hints.push(Hint::words(
                        "a certificate authority is known for this host, but this program does not check host certificates",
                    ));
                }
                hints
            }
            Self::HostKeyChanged { mend, .. } => vec![
                Hint::words(
                    "this may be a man-in-the-middle attack, or the host was reinstalled: find out which",
                ),
                (**mend).clone(),
            ],
            Self::HostKeyRevoked { .. } => vec![Hint::words(
                "someone else may have this key: ask the server's administrator for a new one",
            )],
            Self::Forbidden { option: name, .. } => vec![option("to allow it for this call", name)],
            Self::RevokedHostKeys { needs_openssh, .. } => vec![
                match needs_openssh {
                    true => install_openssh(),
                    false => Hint::words("correct the file"),
                },
                option("to check without it", "RevokedHostKeys=none"),
            ],
            Self::NoWayOn { to, .. } => vec![Hint::words(format!(
                "check that the account may forward (AllowTcpForwarding), and that {to} is up"
            ))],
            Self::PortTaken { .. } => Vec::new(),
            Self::ProxyCommand { .. } => {
                vec![Hint::words("check that `sh`, which runs it, is on the PATH of this machine")]
            }
            Self::LoginRefused { hints, .. } => hints.clone(),
            Self::NoCommand { .. } => vec![Hint::words(
                "check that the account may run commands, and that the server allows a session (MaxSessions)",
            )],
            Self::TimedOut { doing, .. } => timed_out(doing),
            Self::Lost { doing: "logging in", .. } => vec![
                Hint::words(
                    "check that the account may log in: some servers close the connection to refuse it",
                ),
                Hint::words("try again; if it is lost again, look at sshd's log on the host"),
            ],
            Self::Lost { .. } => {
                vec![Hint::words("try again; if it is lost again, look at sshd's log on the host")]
            }
        }
    }
}

/// What to check if the server said no.
pub(super) fn account_hints() -> [Hint; 2] {
    [
        Hint::words(
            "check that the account has this key (authorized_keys) and may log in (AllowUsers, locked, expired)",
        ),
        Hint::words(
            "sshd's log on the host says why; `ssh` may show what the server says, such as that the account has expired",
        ),
    ]
}

/// The same call with one more option of ssh.
fn option(words: &'static str, option: &str) -> Hint {
    Hint::again_with(words, vec!["-o".into(), option.to_owned().into()])
}

fn config(remedy: ConfigRemedy) -> Hint {
    match remedy {
        ConfigRemedy::Correct => Hint::words("correct it, in the SSH configuration or on the command line"),
        ConfigRemedy::Without(name) => option("to do without it", name),
        ConfigRemedy::InstallOpenSsh => install_openssh(),
        ConfigRemedy::NameAccount => Hint::words("name the account: USER@HOST, or -l USER"),
        ConfigRemedy::FewerJumps => Hint::words("check whether the jump hosts lead in a circle"),
    }
}

fn install_openssh() -> Hint {
    Hint::words("install OpenSSH's client on this machine (package openssh-client on Debian and Ubuntu)")
}

fn handshake(peer: Peer) -> Vec<Hint> {
    let port = Hint::words("check that this is the port of an SSH server");
    let full = Hint::words("if the server has too many logins in progress (MaxStartups), try again");
    match peer {
        Peer::Answered => vec![port],
        Peer::Closed { is_ssh: false } => vec![full, port],
        Peer::Closed { is_ssh: true } => {
            vec![full, Hint::words("sshd's log on the host says why it closed the connection")]
        }
        Peer::Full => vec![
            Hint::words("try again once fewer logins are in progress on the server"),
            Hint::words("or raise MaxStartups in its sshd_config"),
        ],
        Peer::Penalty => vec![
            Hint::words(
                "the server turns this machine away for a while, after failed logins from its address (PerSourcePenalties): try \
                 again later",
            ),
            Hint::words("sshd's log on the host says why"),
        ],
        Peer::ProxyEnded { .. } => {
            vec![Hint::words("check the ProxyCommand of this host in the SSH configuration")]
        }
    }
}

fn no_common_algorithm(mismatch: &Mismatch) -> Vec<Hint> {
    let name = mismatch.option;
    // The configuration may leave out what this program supports.
    if let Some(possible) = first_supported(name, &mismatch.server) {
        let option = format!("{name}=+{possible}");
        return vec![Hint::again_with("to allow it for this call", vec!["-o".into(), option.into()])];
    }
    vec![
        Hint::words(format!(
            "as an administrator of the host, add {} to {name} in /etc/ssh/sshd_config, and reload sshd",
            common(name)
        )),
        Hint::over_ssh(
            "or let codex on the host log in, with OpenSSH's own client",
            "codex login --device-auth",
        ),
    ]
}

fn host_key_unknown(answer: Option<TrustAnswer>) -> Vec<Hint> {
    let compare = Hint::on_host(
        "compare the fingerprint with the server's own key",
        "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    );
    let again = match answer {
        Some(TrustAnswer::No | TrustAnswer::Yes) => {
            return vec![compare, Hint::again("if it is the same, confirm the key", &[])];
        }
        Some(TrustAnswer::Nobody) => "if it is the same, run this in a terminal and confirm the key",
        None => {
            "if it is the same, run this in a terminal without BatchMode and StrictHostKeyChecking, and confirm the key"
        }
    };
    vec![
        compare,
        Hint::words(again),
        Hint::again("or accept new keys without a question", &["-o", "StrictHostKeyChecking=accept-new"]),
    ]
}

fn timed_out(doing: &str) -> Vec<Hint> {
    match doing {
        "the agent's answer" => vec![
            Hint::words("check whether the agent waits for a confirmation or a touch"),
            option("to connect without the agent", "IdentityAgent=none"),
        ],
        "the deploy" | "the rollback" | "the examination" | "the look at its codex" => vec![Hint::words(
            "check whether an rc file of the account waits for something, or the host is overloaded, and try again",
        )],
        _ => vec![Hint::words("check that the host is up, reachable and not overloaded, and try again")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Caller;
    use crate::ssh::Endpoint;

    fn box_() -> Endpoint {
        Endpoint::new("me", "box", 22)
    }

    fn advice(peer: Peer, verb: &str) -> String {
        let problem = SshProblem::Handshake { endpoint: box_(), reason: "it failed".to_owned(), peer };
        assert_eq!(problem.state().as_deref(), Some("nothing was sent"));
        let caller = Caller::new("codex-remote-auth", verb, Vec::new(), Vec::new());
        let hints = problem.hints().into_iter().filter(|hint| hint.is_for(&caller, "box"));
        hints.map(|hint| hint.words.into_owned()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_failed_handshake_is_advised_on_by_what_the_other_side_did() {
        for (peer, has, lacks) in [
            (Peer::Answered, "port of an SSH server", "MaxStartups"),
            (Peer::Closed { is_ssh: false }, "port of an SSH server", "sshd's log"),
            (Peer::Closed { is_ssh: true }, "sshd's log", "port of an SSH server"),
            (Peer::Full, "MaxStartups", "port of an SSH server"),
            (Peer::Penalty, "PerSourcePenalties", "MaxStartups"),
            (Peer::ProxyEnded { is_silent: true }, "check the ProxyCommand", "port of an SSH server"),
        ] {
            let told = advice(peer, "deploy");
            assert!(told.contains(has) && !told.contains(lacks), "{peer:?}: {told}");
        }
    }

    #[test]
    fn no_state_is_told_of_a_host_that_was_not_reached() {
        let reason = "it failed".to_owned();
        let host = "box".to_owned();
        let forbidden = |is_reached| SshProblem::Forbidden {
            endpoint: box_(),
            reason: "it is short".to_owned(),
            option: "RequiredRSASize=1024".to_owned(),
            is_reached,
        };
        for problem in [
            SshProblem::Config { host, reason: reason.clone(), remedy: ConfigRemedy::Correct },
            SshProblem::NoSuchHost { endpoint: box_(), reason: reason.clone(), other_family: false },
            SshProblem::Unreachable { endpoint: box_(), reason: reason.clone() },
            SshProblem::BindAddress { endpoint: box_(), address: "::1".to_owned(), reason },
            forbidden(false),
        ] {
            assert_eq!(problem.state(), None, "{problem}");
            assert!(problem.is_before_a_command() && !problem.hints().is_empty(), "{problem}");
        }
        assert_eq!(forbidden(true).state().as_deref(), Some("nothing was sent"));
    }

    #[test]
    fn each_cause_has_its_own_advice() {
        let config =
            |remedy| SshProblem::Config { host: "box".to_owned(), reason: "it is wrong".to_owned(), remedy };
        let family = |other_family| SshProblem::NoSuchHost {
            endpoint: box_(),
            reason: "no address".to_owned(),
            other_family,
        };
        let revoked = |needs_openssh| SshProblem::RevokedHostKeys {
            endpoint: box_(),
            reason: "it cannot be read".to_owned(),
            needs_openssh,
        };
        for (problem, advice) in [
            (config(ConfigRemedy::Correct), "correct it"),
            (config(ConfigRemedy::Without("ProxyUseFdpass=no")), "-o ProxyUseFdpass=no"),
            (config(ConfigRemedy::InstallOpenSsh), "install OpenSSH's client"),
            (config(ConfigRemedy::NameAccount), "-l USER"),
            (config(ConfigRemedy::FewerJumps), "in a circle"),
            (family(false), "spelling"),
            (family(true), "-o AddressFamily=any"),
            (revoked(false), "correct the file"),
            (revoked(true), "install OpenSSH's client"),
        ] {
            let caller = Caller::new("codex-remote-auth", "deploy", Vec::new(), Vec::new());
            let mut hints = problem.hints().into_iter().filter(|hint| hint.is_for(&caller, "box"));
            let first = hints.next().as_ref().map(Hint::to_string).unwrap_or_default();
            assert!(first.contains(advice), "{problem}: {first}");
        }
    }
}
