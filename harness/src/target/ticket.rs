//! What a process needs to use a container that another process started.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use super::keys::KeyPair;
use codex_remote_auth::auth_json::Secret;

/// The way into a container. It has the private key of the rig, so it is only for files that the account alone can read.
#[derive(Clone, Serialize, Deserialize)]
pub struct Ticket {
    /// The engine's name for the container.
    pub(super) container: String,
    /// Where accounts log in.
    pub(super) ssh: (String, u16),
    /// Where root logs in.
    pub(super) rig: (String, u16),
    pub(super) host_key: String,
    client_key: String,
    client_key_public: String,
    /// What every token has that its cloud issues to a device.
    pub(super) canary: String,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket").field("container", &self.container).finish_non_exhaustive()
    }
}

impl Ticket {
    pub(super) fn new(
        container: &str,
        addresses: [&(String, u16); 2],
        host_key: &str,
        key: &KeyPair,
        canary: &str,
    ) -> Self {
        let [ssh, rig] = addresses.map(Clone::clone);
        Self {
            canary: canary.to_owned(),
            container: container.to_owned(),
            ssh,
            rig,
            host_key: host_key.to_owned(),
            client_key: String::from_utf8_lossy(key.private.expose()).into_owned(),
            client_key_public: key.public.clone(),
        }
    }

    pub(super) fn client_key(&self) -> KeyPair {
        KeyPair { private: Secret::new(self.client_key.as_bytes()), public: self.client_key_public.clone() }
    }
}

/// Gives each account of a container a number of its own.
#[derive(Debug)]
pub struct Numbers(Source);

#[derive(Debug)]
enum Source {
    /// This process has the container for itself.
    Own(AtomicU32),
    /// A file, which processes lock in turn.
    Shared(PathBuf),
    /// This process makes no accounts.
    None,
}

impl Numbers {
    pub(super) fn own() -> Self {
        Self(Source::Own(AtomicU32::new(1)))
    }

    /// No numbers, for a process that makes no accounts.
    pub(crate) fn none() -> Self {
        Self(Source::None)
    }

    /// Numbers that processes share through this file.
    pub fn shared(file: PathBuf) -> Self {
        Self(Source::Shared(file))
    }

    /// A number that no other account has.
    ///
    /// # Panics
    /// If the shared file cannot be used, or there are no numbers. Two accounts with one number would be worse.
    pub(super) fn next(&self) -> u32 {
        match &self.0 {
            Source::Own(next) => next.fetch_add(1, Ordering::Relaxed),
            Source::None => panic!("a process that makes no accounts wants one"),
            Source::Shared(file) => {
                next_in(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
            }
        }
    }
}

fn next_in(file: &PathBuf) -> io::Result<u32> {
    let mut file = File::options().create(true).truncate(false).read(true).write(true).open(file)?;
    file.lock()?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let last: u32 = if text.is_empty() { 0 } else { text.trim().parse().map_err(io::Error::other)? };
    file.rewind()?;
    write!(file, "{}", last + 1)?;
    Ok(last + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_shared_number_is_given_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("numbers");
        let drawn: Vec<u32> = std::thread::scope(|scope| {
            let draws =
                |_| scope.spawn(|| (0..50).map(|_| Numbers::shared(file.clone()).next()).collect::<Vec<_>>());
            let threads: Vec<_> = (0..4).map(draws).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(drawn.iter().copied().collect::<BTreeSet<_>>(), (1..=200).collect());
    }

    #[test]
    fn a_ticket_does_not_show_its_key() {
        let key = KeyPair::generate().unwrap();
        let at = (String::from("127.0.0.1"), 22);
        let ticket = Ticket::new("c1", [&at, &at], "ssh-ed25519 AAAA", &key, "c");
        assert_eq!(format!("{ticket:?}"), "Ticket { container: \"c1\", .. }");
        let again: Ticket = serde_json::from_str(&serde_json::to_string(&ticket).unwrap()).unwrap();
        assert_eq!(again.client_key().private.expose(), key.private.expose());
    }
}
