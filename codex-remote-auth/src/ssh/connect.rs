//! Makes a session with a destination: route, host key check, SSH authentication.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::host_keys::{Name, Revoked, RevokedProblem, append};
use super::jump::JumpHost;
use super::login_places::LoginPlaces;
use super::person::Person;
use super::proxy_command::ProxyCommand;
use super::public_key::rsa_bits;
use super::server_offer::mismatch;
use super::transport::{Route, Transport};
use super::{
    Ask, Deadline, Destination, Detail, Endpoint, HostKeys, KeyCheck, Session, SshProblem, Strictness,
    TrustAnswer, UnknownKey, Via,
};
use crate::message::plain_words;

/// How long a server may take to tell its algorithms.
const ASKING: Duration = Duration::from_secs(5);

/// Connects to the destinations of one run. Those behind the same jump host share its connections, and no server has too many
/// logins in progress.
#[derive(Default)]
pub struct Connector {
    jump_hosts: Mutex<Vec<(Vec<Destination>, Arc<JumpHost>)>>,
    places: Mutex<BTreeMap<String, Arc<LoginPlaces>>>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connector")
    }
}

/// Connects to a destination as [`Connector::connect`] does, without sharing anything with others.
///
/// # Errors
/// Any [`SshProblem`]. The host key is checked before anything of ours is sent.
pub fn connect(destination: &Destination, ask: &dyn Ask, deadline: Deadline) -> Result<Session, SshProblem> {
    Connector::default().connect(destination, ask, deadline)
}

impl Connector {
    /// Connects to a destination and authenticates there by `deadline`, which moves on while a person is asked. The destination's
    /// own `ConnectTimeout` is kept besides.
    ///
    /// A server that hangs up before the key exchange is done is tried again after a pause.
    ///
    /// # Errors
    /// Any [`SshProblem`]. The host key is checked before anything of ours is sent.
    pub fn connect(
        &self,
        destination: &Destination,
        ask: &dyn Ask,
        deadline: Deadline,
    ) -> Result<Session, SshProblem> {
        // Before anything is connected to: a person may want to stop it.
        for warning in &destination.warnings {
            ask.tell(&destination.name, &format!("warning: {warning}"));
        }
        let person = Person::new(ask, deadline);
        let hops = if let Via::Jumps(hops) = &destination.via { hops.as_slice() } else { &[] };
        for place in hops.iter().chain([destination]) {
            ask.detail(
                Detail::Connection,
                &place.name,
                &format!("means {} {}", place.endpoint, route(&place.via)),
            );
            for setting in &place.settings {
                ask.detail(Detail::Configuration, &place.name, &format!("ssh -G: {setting}"));
            }
        }
        is_possible(destination)?;
        self.through(hops, destination, &person)
    }

    /// A session with a host behind these jump hosts, the nearest first. Only the nearest host of all may have a
    /// `ProxyCommand`.
    fn through(
        &self,
        hops: &[Destination],
        to: &Destination,
        person: &Person<'_>,
    ) -> Result<Session, SshProblem> {
        let forward = |jump: &Destination, before: &[Destination]| {
            self.jump_host(hops).forward(
                &jump.endpoint,
                &to.endpoint,
                person,
                || self.through(before, jump, person),
                || until_handshake(to, person),
            )
        };
        self.places(hops, to).log_in(&to.endpoint, person, || match hops.split_last() {
            None => first(to, person).map_err(|problem| {
                with_mismatch(problem, to, || direct(to, until_handshake(to, person)).ok())
            }),
            Some((jump, before)) => {
                let (transport, by) = forward(jump, before)?;
                open(to, transport, None, by, person)
                    .map_err(|problem| with_mismatch(problem, to, || Some(forward(jump, before).ok()?.0)))
            }
        })
    }

    fn jump_host(&self, hops: &[Destination]) -> Arc<JumpHost> {
        let mut all = self.jump_hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = all.iter().find(|(known, _)| known == hops) {
            return Arc::clone(known);
        }
        let new = Arc::new(JumpHost::default());
        all.push((hops.to_vec(), Arc::clone(&new)));
        new
    }

    /// The places for logins on a server: the same address behind other jump hosts may be another server.
    fn places(&self, hops: &[Destination], to: &Destination) -> Arc<LoginPlaces> {
        let by_command = hops.is_empty() && matches!(to.via, Via::Command(_));
        let hosts = hops.iter().chain([to]).map(|hop| &hop.endpoint);
        let name = match by_command {
            true => String::new(),
            false => hosts.map(|at| format!("{} {}\n", at.host, at.port)).collect(),
        };
        let mut all = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(if by_command { LoginPlaces::of_command() } else { LoginPlaces::of_server() });
        Arc::clone(all.entry(name).or_insert_with(new))
    }
}

/// How a host is reached, in words.
fn route(via: &Via) -> String {
    match via {
        Via::Direct => "(reached directly, or from the host before it)".to_owned(),
        Via::Command(_) => "(through its ProxyCommand)".to_owned(),
        Via::Jumps(hops) => {
            let names: Vec<String> = hops.iter().map(|hop| hop.endpoint.to_string()).collect();
            format!("(through {})", names.join(", "))
        }
    }
}

/// Checks that the configuration leaves an algorithm of each kind for every host of the route.
fn is_possible(destination: &Destination) -> Result<(), SshProblem> {
    if let Via::Jumps(hops) = &destination.via {
        hops.iter().try_for_each(is_possible)?;
    }
    let offer = destination.algorithms.offer(&BTreeSet::new());
    offer.map(|_| ()).map_err(|left| left.problem(&destination.endpoint))
}

/// A session with the nearest host.
fn first(destination: &Destination, person: &Person<'_>) -> Result<Session, SshProblem> {
    let by = until_handshake(destination, person);
    if let Via::Command(command) = &destination.via {
        let (transport, proxy, printed) = ProxyCommand::start(command).map_err(|error| {
            SshProblem::ProxyCommand { endpoint: destination.endpoint.clone(), reason: plain_words(&error) }
        })?;
        return printed.shown(
            |line| person.tell(&destination.name, &format!("ProxyCommand: {line}")),
            || open(destination, transport, Some(proxy), by, person),
        );
    }
    let transport = direct(destination, by)?;
    if let Some(address) = transport.address() {
        person.detail(Detail::Connection, &destination.endpoint, &format!("connected to {address}"));
    }
    open(destination, transport, None, by, person)
}

fn direct(destination: &Destination, by: Deadline) -> Result<Transport, SshProblem> {
    let route = Route { family: destination.family, bind_address: destination.bind_address.as_deref() };
    Transport::connect(&destination.endpoint, route, by)
}

/// Asks the server which algorithms it has, if there are none in common. A `ProxyCommand` is not started again for that.
fn with_mismatch(
    problem: SshProblem,
    to: &Destination,
    again: impl FnOnce() -> Option<Transport>,
) -> SshProblem {
    match problem {
        SshProblem::NoCommonAlgorithm { endpoint, offered, mismatch: None }
            if endpoint == to.endpoint && !matches!(to.via, Via::Command(_)) =>
        {
            let offer = to.algorithms.offer(&BTreeSet::new()).unwrap_or_default();
            let found = again().and_then(|transport| mismatch(&transport, &offer, Deadline::after(ASKING)));
            SshProblem::NoCommonAlgorithm { endpoint, offered, mismatch: found.map(Box::new) }
        }
        other => other,
    }
}

/// `ConnectTimeout` is for the connection and the handshake together.
fn until_handshake(destination: &Destination, person: &Person<'_>) -> Deadline {
    let deadline = person.deadline();
    destination.connect_timeout.map_or(deadline, |most| deadline.or_within(most))
}

fn open(
    destination: &Destination,
    transport: Transport,
    proxy: Option<ProxyCommand>,
    by: Deadline,
    person: &Person<'_>,
) -> Result<Session, SshProblem> {
    let rule = &destination.host_keys;
    let files: Vec<&PathBuf> = rule.user_files.iter().chain(&rule.global_files).collect();
    let endpoint = &destination.endpoint;
    let name = match &rule.alias {
        Some(alias) => Name::alias(alias),
        None => Name::of(&endpoint.host, endpoint.port),
    };
    let known = HostKeys::of_server(files, &name).map_err(|problem| about(endpoint, problem))?;
    let revoked = rule.revoked.as_deref().map(Revoked::read).transpose();
    let revoked = revoked.map_err(|problem| unchecked(endpoint, problem))?;
    let offer = destination.algorithms.offer(&known.known_types(&name));
    let offer = offer.map_err(|left| left.problem(endpoint))?;
    let mut session = Session::shake_hands(endpoint, transport, proxy, &offer, by)?;
    session.variables.clone_from(&destination.variables);
    for line in session.agreed() {
        person.detail(Detail::Algorithms, endpoint, &line);
    }
    long_enough(&session, destination.algorithms.required_rsa_bits)?;
    if let Some(revoked) = revoked {
        not_revoked(&session, &revoked, &name)?;
    }
    trust(&session, destination, &known, &name, person)?;
    session.log_in_with(&destination.credentials, person)?;
    Ok(session)
}

/// Adds the server to an error about known hosts, whose files are shared by many servers.
fn about(endpoint: &Endpoint, problem: SshProblem) -> SshProblem {
    match problem {
        SshProblem::KnownHosts { reason } => {
            SshProblem::KnownHosts { reason: format!("for {endpoint} {reason}") }
        }
        other => other,
    }
}

/// Checks that an RSA key of the server is not shorter than `RequiredRSASize`.
fn long_enough(session: &Session, required: u32) -> Result<(), SshProblem> {
    let (key, _) = session.host_key()?;
    match rsa_bits(&key).filter(|bits| *bits < required) {
        None => Ok(()),
        Some(bits) => Err(SshProblem::Forbidden {
            endpoint: session.endpoint().clone(),
            reason: format!("the host key is an RSA key of {bits} bits, and RequiredRSASize is {required}"),
            option: format!("RequiredRSASize={bits}"),
            is_reached: true,
        }),
    }
}

fn unchecked(endpoint: &Endpoint, problem: RevokedProblem) -> SshProblem {
    let RevokedProblem { reason, needs_openssh } = problem;
    SshProblem::RevokedHostKeys { endpoint: endpoint.clone(), reason, needs_openssh }
}

/// Checks that `RevokedHostKeys` does not contain the server's key. This counts even if the key is known.
fn not_revoked(session: &Session, revoked: &Revoked, name: &Name) -> Result<(), SshProblem> {
    let (key, kind) = session.host_key()?;
    match revoked.place_of(&key).map_err(|problem| unchecked(session.endpoint(), problem))? {
        Some(at) => Err(session.host_key_problem(KeyCheck::Revoked { at }, &kind, name, None)),
        None => Ok(()),
    }
}

/// Checks that the server is known. An unknown one may be added.
fn trust(
    session: &Session,
    destination: &Destination,
    known: &HostKeys,
    name: &Name,
    person: &Person<'_>,
) -> Result<(), SshProblem> {
    let (key, kind) = session.host_key()?;
    let verdict = known.verdict(name, &key);
    let state = match &verdict {
        KeyCheck::Known => "known",
        KeyCheck::Unknown { .. } => "not known",
        KeyCheck::Changed { .. } => "not the known one",
        KeyCheck::Revoked { .. } => "revoked",
    };
    let shown = format!("host key {kind} {} as {name}: {state}", session.fingerprint());
    person.detail(Detail::Connection, &destination.endpoint, &shown);
    let answer = match (&verdict, destination.host_keys.strictness) {
        (KeyCheck::Known, _) => return Ok(()),
        (KeyCheck::Unknown { .. }, Strictness::AcceptNew) => Some(TrustAnswer::Yes),
        (KeyCheck::Unknown { .. }, Strictness::Ask) if !destination.credentials.batch => {
            Some(person.trusts(&UnknownKey {
                endpoint: &destination.endpoint,
                name: &name.to_string(),
                kind: &kind,
                fingerprint: &session.fingerprint(),
            }))
        }
        _ => None,
    };
    if answer != Some(TrustAnswer::Yes) {
        return Err(session.host_key_problem(verdict, &kind, name, answer));
    }
    append(&destination.host_keys, name, &kind, &key)
        .map_err(|problem| about(session.endpoint(), problem))?;
    Ok(())
}
