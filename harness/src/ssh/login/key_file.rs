//! Private keys in files.

use std::path::{Path, PathBuf};

use ssh_key::{PrivateKey, PublicKey};
use zeroize::Zeroizing;

use super::{TRIES, Tried, Try};
use crate::ssh::person::Person;
use crate::ssh::{Credentials, Session, SshProblem};

impl Session {
    /// Tries the key files in order; the passphrase of an encrypted one is asked for.
    pub(super) fn try_key_files(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<bool, SshProblem> {
        for file in &credentials.identities {
            let text = match std::fs::read(file).map(Zeroizing::new) {
                Ok(bytes) => bytes,
                // Only its public half is here: the private one is the agent's.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => {
                    tried.add(format!("the key {} (not read: {error})", file.display()));
                    continue;
                }
            };
            let Ok(text) = std::str::from_utf8(&text) else {
                tried.add(format!("the key {} (it is no text)", file.display()));
                continue;
            };
            let entered = match is_encrypted(text) {
                false => self.try_key(file, text, None, person, tried)?,
                true if credentials.batch => {
                    tried.add(format!("the key {} (encrypted, and nobody is to be asked)", file.display()));
                    Try::Refused
                }
                true => self.try_encrypted(file, text, person, tried)?,
            };
            if matches!(entered, Try::In) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn try_key(
        &self,
        file: &Path,
        text: &str,
        passphrase: Option<&str>,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<Try, SshProblem> {
        let user = &self.endpoint().user;
        let what = format!("the key {}", file.display());
        tried.add(&what);
        let entered =
            self.one_try(person, tried, || self.inner.userauth_pubkey_memory(user, None, text, passphrase))?;
        if let (Try::Failed(reason), None) = (&entered, passphrase) {
            tried.add(format!("{what} cannot be used ({reason})"));
        }
        Ok(entered)
    }

    fn try_encrypted(
        &self,
        file: &Path,
        text: &str,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<Try, SshProblem> {
        let question = format!("Enter passphrase for key '{}': ", file.display());
        for _ in 0..TRIES {
            let Some(passphrase) = person.secret(&question, false) else {
                tried.add(format!("the key {} (encrypted, and there was nobody to ask)", file.display()));
                return Ok(Try::Refused);
            };
            let Ok(passphrase) = std::str::from_utf8(passphrase.expose()) else { continue };
            match self.try_key(file, text, Some(passphrase), person, tried)? {
                Try::Failed(_) => {
                    tried.add(format!("the passphrase for {} was not the right one", file.display()));
                }
                other => return Ok(other),
            }
        }
        Ok(Try::Refused)
    }
}

/// Whether a private key wants a passphrase: in OpenSSH's form, which says so inside, or in an older one.
fn is_encrypted(text: &str) -> bool {
    match PrivateKey::from_openssh(text) {
        Ok(key) => key.is_encrypted(),
        Err(_) => text.contains("ENCRYPTED"),
    }
}

/// The public halves of key files: out of FILE.pub, or out of the private key itself.
pub(super) fn public_keys(files: &[PathBuf]) -> Vec<Vec<u8>> {
    files.iter().filter_map(|file| public_key(file)).collect()
}

/// `FILE.pub`.
pub(in crate::ssh) fn public_half(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

fn public_key(file: &Path) -> Option<Vec<u8>> {
    let public = std::fs::read_to_string(public_half(file)).ok();
    let public = public.and_then(|text| PublicKey::from_openssh(text.trim()).ok());
    let public = public.or_else(|| {
        let text = Zeroizing::new(std::fs::read_to_string(file).ok()?);
        // `-i` may name the public half itself.
        PublicKey::from_openssh(text.trim())
            .ok()
            .or_else(|| Some(PrivateKey::from_openssh(&*text).ok()?.public_key().clone()))
    })?;
    public.to_bytes().ok()
}
