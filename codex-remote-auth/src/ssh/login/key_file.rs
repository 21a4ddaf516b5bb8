//! Private keys in files.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::private_key::{PrivateKey, certifies, line_of, public_line};
use super::{Progress, TRIES, Tried, Try};
use crate::message::{Hint, plain_words, quote};
use crate::ssh::person::Person;
use crate::ssh::{Credentials, Session, SshProblem};

impl Session {
    /// Tries the key files in order, each with its certificates first.
    pub(super) fn try_key_files(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<Progress, SshProblem> {
        for file in &credentials.identities {
            let text = match private_text(file) {
                Ok(text) => text,
                // There may be only a public half, whose private half the agent has.
                Err(Unusable::Missing) => continue,
                Err(Unusable::Because(reason, hint)) => {
                    tried.add(format!("the key {} ({reason})", file.display()));
                    hint.into_iter().for_each(|hint| tried.hint(hint));
                    continue;
                }
            };
            let key = Key { file, text: &text, private: PrivateKey::of(&text) };
            for half in key.halves(&credentials.certificates) {
                if let Some(reason) = credentials.key_rule.refuses(half.public.as_deref()) {
                    tried.add(&half.what);
                    tried.but(&reason);
                    if half.public.is_none() {
                        let (key, public) = (quoted(file), quoted(&public_half(file)));
                        tried.hint(Hint::here(
                            "write the public half of the key beside it",
                            format!("ssh-keygen -y -f {key} > {public}"),
                        ));
                    }
                    continue;
                }
                self.restrict_signatures(credentials, half.public.as_deref());
                match self.try_half(&key, &half, credentials.batch, person, tried)? {
                    Try::In => return Ok(Progress::In),
                    Try::HalfWay(offered) => return Ok(Progress::HalfWay(offered)),
                    Try::Refused | Try::Failed(_) => {}
                }
            }
        }
        Ok(Progress::Out)
    }

    /// Offers one public half. The passphrase of an encrypted key is asked for only if the server accepts the key.
    fn try_half(
        &self,
        key: &Key<'_>,
        half: &Half,
        batch: bool,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<Try, SshProblem> {
        let user = &self.endpoint().user;
        let with = |passphrase: Option<&str>, tried: &Tried| {
            let public = half.line.as_deref();
            self.one_try(person, tried, || {
                self.inner.userauth_pubkey_memory(user, public, key.text, passphrase)
            })
        };
        tried.add(&half.what);
        if !key.private.encrypted || half.line.is_some() {
            match with(None, tried)? {
                Try::Failed(_) if key.private.encrypted => {}
                Try::Failed(reason) => {
                    tried.but(&format!("which cannot be used: {reason}"));
                    return Ok(Try::Failed(reason));
                }
                other => return Ok(other),
            }
        }
        let add = |words: &'static str| Hint::here(words, format!("ssh-add {}", quoted(key.file)));
        if batch {
            tried.but("encrypted, and nobody is asked in BatchMode");
            tried.hint(add("add the key to your agent"));
            return Ok(Try::Refused);
        }
        let question = format!("Enter passphrase for key '{}': ", key.file.display());
        for number in 0..TRIES {
            if number > 0 {
                tried.add(&half.what);
            }
            let Some(passphrase) = person.secret(&question, false) else {
                tried.but("encrypted, and nobody was there to ask");
                tried.hint(Hint::words("run this in a terminal, where you can be asked for the passphrase"));
                tried.hint(add("or add the key to your agent"));
                return Ok(Try::Refused);
            };
            let entered = match std::str::from_utf8(passphrase.expose()) {
                Ok(passphrase) => with(Some(passphrase), tried)?,
                Err(_) => Try::Failed(String::new()),
            };
            match entered {
                Try::Failed(_) => tried.but("wrong passphrase"),
                other => return Ok(other),
            }
        }
        Ok(Try::Refused)
    }
}

/// A private key that is being tried.
struct Key<'a> {
    file: &'a Path,
    text: &'a str,
    private: PrivateKey,
}

/// What is offered to the server for a key: itself, or a certificate for it.
struct Half {
    what: String,
    /// The public half, if it is known.
    public: Option<Vec<u8>>,
    /// `None` if libssh2 has to compute it from the private key, which takes as long as the rest of the authentication.
    line: Option<String>,
}

impl Key<'_> {
    fn halves(&self, certificates: &[PathBuf]) -> Vec<Half> {
        let what = format!("the key {}", self.file.display());
        let own = &self.private.public;
        let public = own.clone().or_else(|| read_public(&beside(self.file, ".pub")));
        let mut halves = Vec::new();
        let beside_it = beside(self.file, "-cert.pub");
        for certificate in certificates.iter().chain([&beside_it]) {
            let Some(bytes) = read_public(certificate) else { continue };
            if public.as_ref().is_some_and(|public| certifies(&bytes, public))
                && let Some(line) = line_of(&bytes)
            {
                halves.push(Half {
                    what: format!("{what} with the certificate {}", certificate.display()),
                    line: Some(line),
                    public: Some(bytes),
                });
            }
        }
        // A file beside the key may belong to another key, so it is used only if needed.
        let trusted = public.as_ref().filter(|_| own.is_some() || self.private.encrypted);
        let line = trusted.and_then(|public| line_of(public));
        halves.push(Half { what, line, public });
        halves
    }
}

/// Why a file is not used as a private key.
enum Unusable {
    Missing,
    Because(String, Option<Hint>),
}

fn private_text(path: &Path) -> Result<Zeroizing<String>, Unusable> {
    let because = |reason: String| Unusable::Because(reason, None);
    let unread = |error: io::Error| because(format!("not read: {}", plain_words(&error)));
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unusable::Missing),
        other => other.map_err(unread)?,
    };
    let metadata = file.metadata().map_err(unread)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default()));
    file.read_to_end(&mut bytes).map_err(unread)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| because("it is not text".to_owned()))?;
    if public_line(text).is_some() {
        return Err(because("it is a public key, and no agent has its private half".to_owned()));
    }
    if let Some(mode) = open_to_others(&metadata) {
        return Err(Unusable::Because(
            format!("not used, as by ssh: others may read it, mode {mode:04o}"),
            Some(Hint::here("make the key private", format!("chmod 600 {}", quoted(path)))),
        ));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

fn quoted(path: &Path) -> String {
    quote(&path.display().to_string())
}

/// OpenSSH's rule, which is only about files of one's own.
fn open_to_others(metadata: &Metadata) -> Option<u32> {
    let mode = metadata.mode() & 0o777;
    (metadata.uid() == rustix::process::getuid().as_raw() && mode & 0o077 != 0).then_some(mode)
}

/// The public halves of key files: from FILE.pub, or from the private key itself.
pub(super) fn public_keys(files: &[PathBuf]) -> Vec<Vec<u8>> {
    files.iter().filter_map(|file| public_key(file)).collect()
}

/// `FILE.pub`.
pub(in crate::ssh) fn public_half(file: &Path) -> PathBuf {
    beside(file, ".pub")
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn read_public(file: &Path) -> Option<Vec<u8>> {
    public_line(&std::fs::read_to_string(file).ok()?)
}

fn public_key(file: &Path) -> Option<Vec<u8>> {
    read_public(&public_half(file)).or_else(|| {
        let text = Zeroizing::new(std::fs::read_to_string(file).ok()?);
        // `-i` may name the file of the public half.
        public_line(&text).or_else(|| PrivateKey::of(&text).public)
    })
}
