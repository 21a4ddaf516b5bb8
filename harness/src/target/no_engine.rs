//! Why a container engine does not answer, and what a person can do about it.

use std::error::Error;
use std::io;

use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::core::error::ClientError;

use super::MissingPrerequisite;

/// Why no engine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// There is no socket.
    Absent,
    /// There is a socket or a machine, but nothing listens.
    Stopped,
    /// There is an engine, but this account has no permission to use it.
    NotAllowed,
    /// Something accepts the connection and does not answer.
    Silent,
    /// The machine in `DOCKER_HOST` is not found or cannot be reached.
    Unreachable,
    /// `DOCKER_HOST` has a scheme that is not supported here.
    Scheme,
    /// The engine requires encryption.
    Encrypted,
    /// The engine has another version of the interface.
    Version,
    /// Something answers that is not an engine.
    Stranger,
    /// Another reason.
    Unknown,
}

/// Finds the reason, from the innermost error that has one.
pub(super) fn why(error: &(dyn Error + 'static)) -> Why {
    let mut next = Some(error);
    let mut found = Why::Unknown;
    while let Some(error) = next {
        let here = if let Some(error) = error.downcast_ref::<io::Error>() {
            of_kind(error.kind())
        } else if let Some(error) = error.downcast_ref::<EngineError>() {
            of_engine_error(error)
        } else if let Some(error) = error.downcast_ref::<ClientError>() {
            // testcontainers puts the engine's error into its message and not into its source.
            match error {
                ClientError::Init(error) => why(error),
                ClientError::Configuration(_) | ClientError::InvalidDockerHost(_) => Why::Scheme,
                _ => Why::Unknown,
            }
        } else if error.to_string().contains("dns error") {
            Why::Unreachable
        } else {
            Why::Unknown
        };
        if here != Why::Unknown {
            found = here;
        }
        next = error.source();
    }
    found
}

fn of_kind(kind: io::ErrorKind) -> Why {
    use io::ErrorKind;
    match kind {
        ErrorKind::NotFound => Why::Absent,
        ErrorKind::PermissionDenied => Why::NotAllowed,
        ErrorKind::ConnectionRefused => Why::Stopped,
        ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Why::Unreachable,
        _ => Why::Unknown,
    }
}

fn of_engine_error(error: &EngineError) -> Why {
    match error {
        // Its source is the source of the error that it wraps, so the I/O error itself is visible only here.
        EngineError::IOError { err } => of_kind(err.kind()),
        EngineError::SocketNotFoundError(_) => Why::Absent,
        EngineError::RequestTimeoutError => Why::Silent,
        EngineError::UnsupportedURISchemeError { .. }
        | EngineError::URLParseError { .. }
        | EngineError::InvalidURIError { .. }
        | EngineError::InvalidURIPartsError { .. } => Why::Scheme,
        EngineError::DockerResponseServerError { message, .. } => {
            if message.contains("HTTP request to an HTTPS server") {
                Why::Encrypted
            } else if message.contains("client version") {
                Why::Version
            } else {
                Why::Stranger
            }
        }
        _ => Why::Unknown,
    }
}

/// Installs Podman for an account without root, and names its socket to everything that is started after it.
const INSTALL_PODMAN: &str = "install Podman: sudo apt-get install podman slirp4netns uidmap fuse-overlayfs && systemctl --user enable --now \
     podman.socket && export DOCKER_HOST=\"unix://$XDG_RUNTIME_DIR/podman/podman.sock\"";

/// For engines whose containers cannot be reached from here.
const ON_THE_MACHINE: &str =
    "run it on the machine that has the engine: log in there with ssh, and call cargo xtask in a checkout";

/// An engine that answered, and does not any more.
pub(super) fn ended(said: &str) -> MissingPrerequisite {
    MissingPrerequisite::new("the container engine ended during the run")
        .tried(said)
        .remedy("start the engine, and run the command again; it removes what this run left")
        .remedy(
            "the engine's own log says why it ended: journalctl -u docker, or journalctl --user -u podman",
        )
}

/// What the machine lacks, in words.
pub(super) fn lacks(why: Why, said: &str, host: Option<&str>) -> MissingPrerequisite {
    let place = host.map_or_else(|| "the usual sockets".to_owned(), |host| format!("DOCKER_HOST={host}"));
    let lacks = |what: &str| MissingPrerequisite::new(what).tried(format!("{place}: {said}"));
    let start = "start it: sudo systemctl start docker, or open Docker Desktop";
    let correct = "correct DOCKER_HOST, or unset it to use the engine on this machine";
    match why {
        Why::Absent if host.is_some() => lacks("no container engine was found at DOCKER_HOST").remedy(correct),
        Why::Absent => lacks("no container engine was found")
            .remedy(INSTALL_PODMAN)
            .remedy("or install Docker: sudo apt-get install docker.io, or Docker Desktop")
            .remedy(start)
            .remedy(
                "if the docker command works, its socket is elsewhere: \
                 export DOCKER_HOST=\"$(docker context inspect -f '{{.Endpoints.docker.Host}}')\"",
            ),
        Why::Stopped if host.is_some() => {
            lacks("the container engine refuses the connection").remedy("start the engine that DOCKER_HOST names").remedy(correct)
        }
        Why::Stopped => lacks("the container engine is not running").remedy(start),
        Why::NotAllowed => lacks("this account has no permission to use the container engine")
            .remedy("add the account to the group: sudo usermod -aG docker \"$USER\", then log out of this machine and in again"),
        Why::Silent => lacks("the container engine accepts the connection but does not answer")
            .remedy("restart it: sudo systemctl restart docker, or restart Docker Desktop"),
        Why::Unreachable => lacks("cannot reach the machine that DOCKER_HOST names").remedy(correct),
        Why::Scheme if host.is_some_and(|host| host.starts_with("ssh:")) => {
            lacks("an engine behind ssh:// is not supported: SSH forwards the engine, but not the ports of its containers")
                .remedy(ON_THE_MACHINE)
                .remedy("or unset DOCKER_HOST to use the engine on this machine")
        }
        Why::Scheme => lacks("DOCKER_HOST has an unsupported scheme; unix:// and tcp:// are supported")
            .remedy(correct),
        Why::Encrypted => lacks("the container engine requires TLS, which is not supported")
            .remedy(ON_THE_MACHINE)
            .remedy(correct),
        Why::Version => lacks("the container engine has an incompatible API version")
            .remedy("update the engine; Docker 20.10 and Podman 4.3 are known to work"),
        Why::Stranger => lacks("the program that answers is not a container engine").remedy(correct),
        Why::Unknown => lacks("the container engine cannot be used").remedy(start).remedy(correct),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status_code: u16, message: &str) -> Why {
        why(&EngineError::DockerResponseServerError { status_code, message: message.to_owned() })
    }

    #[test]
    fn the_reason_is_read_from_the_error_at_the_bottom() {
        let of = |kind| why(&EngineError::IOError { err: io::Error::from(kind) });
        assert_eq!(of(io::ErrorKind::NotFound), Why::Absent);
        assert_eq!(of(io::ErrorKind::PermissionDenied), Why::NotAllowed);
        assert_eq!(of(io::ErrorKind::ConnectionRefused), Why::Stopped);
        assert_eq!(of(io::ErrorKind::HostUnreachable), Why::Unreachable);
        assert_eq!(why(&EngineError::SocketNotFoundError("/nowhere".to_owned())), Why::Absent);
        assert_eq!(
            why(&ClientError::Init(EngineError::SocketNotFoundError("/nowhere".to_owned()))),
            Why::Absent
        );
        assert_eq!(
            why(&EngineError::UnsupportedURISchemeError { uri: "ssh://host".to_owned() }),
            Why::Scheme
        );
    }

    #[test]
    fn what_answers_is_told_apart_from_an_engine() {
        assert_eq!(answered(400, "Client sent an HTTP request to an HTTPS server."), Why::Encrypted);
        assert_eq!(
            answered(400, "client version 1.24 is too old. Minimum supported API version is 1.44"),
            Why::Version
        );
        assert_eq!(answered(404, "<html>not found</html>"), Why::Stranger);
    }

    #[test]
    fn each_way_of_not_being_there_has_its_own_remedy() {
        let text = |why, host| lacks(why, "said", host).to_string();
        assert!(text(Why::Absent, None).contains("apt-get install docker.io"));
        assert!(text(Why::Absent, None).contains("docker context inspect"));
        assert!(text(Why::Absent, Some("unix:///nowhere")).contains("unset it"));
        assert!(text(Why::Stopped, None).contains("systemctl start docker"));
        assert!(text(Why::Stopped, Some("tcp://127.0.0.1:1")).contains("refuses the connection"));
        assert!(text(Why::NotAllowed, None).contains("usermod -aG docker"));
        assert!(text(Why::Silent, None).contains("systemctl restart docker"));
        assert!(text(Why::Absent, None).contains("apt-get install podman"));
        assert!(text(Why::Scheme, Some("ssh://host")).contains("not the ports of its containers"));
        assert!(text(Why::Scheme, Some("npipe://host")).contains("unix:// and tcp://"));
    }

    #[test]
    fn every_reason_says_what_was_tried_and_what_to_do() {
        for why in [
            Why::Absent,
            Why::Stopped,
            Why::NotAllowed,
            Why::Silent,
            Why::Unreachable,
            Why::Scheme,
            Why::Encrypted,
            Why::Version,
            Why::Stranger,
            Why::Unknown,
        ] {
            for host in [None, Some("tcp://127.0.0.1:1")] {
                let lacks = lacks(why, "what was said", host);
                assert!(lacks.tried.iter().any(|tried| tried.contains("what was said")), "{why:?}");
                assert!(!lacks.remedies.is_empty(), "{why:?}");
            }
        }
    }
}
