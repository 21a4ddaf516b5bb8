//! From a destination to a session: through what it goes, which keys it may show, what logs in.

use std::path::PathBuf;
use std::time::Duration;

use super::host_keys::{Name, append};
use super::person::Person;
use super::proxy_command::ProxyCommand;
use super::wire::{Route, Wire};
use super::{
    Ask, Deadline, Destination, HostKeys, Session, SshProblem, Strictness, UnknownKey, Verdict, Via, jump,
};

/// Connects to a destination and logs in. `patience` is how long that may take, the time apart in which a person is asked;
/// the destination's own `ConnectTimeout` is kept besides.
///
/// # Errors
/// Any [`SshProblem`]. The host key is checked before anything of ours is sent.
pub fn connect(destination: &Destination, ask: &dyn Ask, patience: Duration) -> Result<Session, SshProblem> {
    let person = Person::new(ask, Deadline::after(patience));
    match &destination.via {
        Via::Direct => {
            let wire = direct(destination, &person)?;
            open(destination, wire, None, &person)
        }
        Via::Command(command) => {
            let (wire, proxy) = ProxyCommand::start(command).map_err(|error| SshProblem::ProxyCommand {
                endpoint: destination.endpoint.clone(),
                reason: error.to_string(),
            })?;
            open(destination, wire, Some(proxy), &person)
        }
        Via::Jumps(hops) => {
            let mut before: Option<Session> = None;
            for hop in hops {
                let session = match before.take() {
                    Some(before) => open(hop, on_from(before, hop, &person)?, None, &person)?,
                    None => first_hop(hop, &person)?,
                };
                before = Some(session);
            }
            let wire = match before {
                Some(before) => on_from(before, destination, &person)?,
                None => direct(destination, &person)?,
            };
            open(destination, wire, None, &person)
        }
    }
}

/// The nearest host, which alone may have a way of its own.
fn first_hop(hop: &Destination, person: &Person<'_>) -> Result<Session, SshProblem> {
    match &hop.via {
        Via::Command(_) => connect(hop, person.ask(), person.deadline().left()),
        Via::Direct | Via::Jumps(_) => open(hop, direct(hop, person)?, None, person),
    }
}

fn direct(destination: &Destination, person: &Person<'_>) -> Result<Wire, SshProblem> {
    let route = Route { family: destination.family, bind_address: destination.bind_address.as_deref() };
    Wire::connect(&destination.endpoint, route, until_handshake(destination, person))
}

fn on_from(before: Session, to: &Destination, person: &Person<'_>) -> Result<Wire, SshProblem> {
    jump::through(before, &to.endpoint, until_handshake(to, person))
}

fn until_handshake(destination: &Destination, person: &Person<'_>) -> Deadline {
    let deadline = person.deadline();
    destination.connect_timeout.map_or(deadline, |most| deadline.or_within(most))
}

fn open(
    destination: &Destination,
    wire: Wire,
    proxy: Option<ProxyCommand>,
    person: &Person<'_>,
) -> Result<Session, SshProblem> {
    let rule = &destination.host_keys;
    let files: Vec<&PathBuf> = rule.user_files.iter().chain(&rule.global_files).collect();
    let known = HostKeys::from_files(files)?;
    let endpoint = &destination.endpoint;
    let name = match &rule.alias {
        Some(alias) => Name::alias(alias),
        None => Name::of(&endpoint.host, endpoint.port),
    };
    let prefer = |inner: &ssh2::Session| known.prefer_known_types(inner, &name, &rule.algorithms);
    let session = Session::shake_hands(endpoint, wire, proxy, prefer, until_handshake(destination, person))?;
    trust(&session, destination, &known, &name, person)?;
    session.log_in_with(&destination.credentials, person)?;
    Ok(session)
}

/// That the server is one that is known, or becomes one.
fn trust(
    session: &Session,
    destination: &Destination,
    known: &HostKeys,
    name: &Name,
    person: &Person<'_>,
) -> Result<(), SshProblem> {
    let (key, kind) = session.host_key()?;
    let verdict = known.verdict(name, &key);
    let agreed = match (&verdict, destination.host_keys.strictness) {
        (Verdict::Known, _) => return Ok(()),
        (Verdict::Unknown { .. }, Strictness::AcceptNew) => true,
        (Verdict::Unknown { .. }, Strictness::Ask) if !destination.credentials.batch => {
            person.trusts(&UnknownKey {
                endpoint: &destination.endpoint,
                name: &name.to_string(),
                kind: &kind,
                fingerprint: &session.fingerprint(),
            })
        }
        _ => false,
    };
    if !agreed {
        return Err(session.host_key_problem(verdict, &kind, name));
    }
    append(&destination.host_keys, name, &kind, &key)?;
    Ok(())
}
