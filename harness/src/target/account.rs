//! Fresh Unix accounts, and the archive that creates many of them in one call.

use std::fmt::Write as _;
use std::io;

use crate::cloud::Knowledge;
use tar::{Builder, EntryType, Header};

/// How an account starts.
#[derive(Debug, Clone, Default)]
pub struct AccountSpec {
    /// The login shell's path.
    pub shell: String,
    /// Whether sshd gives it a PATH that contains the codex under test.
    pub codex_on_path: bool,
    /// The content of its home besides `.ssh/authorized_keys`.
    pub files: Vec<HomeFile>,
}

/// A file, directory or link in a home.
#[derive(Debug, Clone)]
pub struct HomeFile {
    /// Its path from the home. Missing directories above it are created, 0755.
    pub path: String,
    /// Its kind, and what it contains.
    pub content: Content,
    /// Its permission bits.
    pub mode: u32,
}

/// The kind of a thing in a home, and what it contains.
#[derive(Debug, Clone)]
pub enum Content {
    /// A file with these bytes.
    File(Vec<u8>),
    /// A directory.
    Directory,
    /// A symbolic link to this target.
    Link(String),
}

/// An account that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its home directory.
    pub home: String,
    /// Its user number, which is also its group number.
    pub uid: u32,
}

impl Account {
    /// The `number`th account of a container.
    pub(super) fn numbered(number: u32) -> Self {
        let name = format!("u{number}");
        Self { home: format!("/home/{name}"), name, uid: FIRST_UID + number }
    }
}

/// The number before the first account: above every system account, below `nobody`.
const FIRST_UID: u32 = 20_000;

/// The group whose members get a PATH with the codex under test from the image's sshd.
const CODEX_GROUP: u32 = 19_999;

fn gid(account: &Account, spec: &AccountSpec) -> u32 {
    if spec.codex_on_path { CODEX_GROUP } else { account.uid }
}

/// Collects accounts in the archive that `rig-accounts` in the image reads.
pub(super) struct Roll {
    archive: Builder<Vec<u8>>,
    passwd: String,
    group: String,
}

impl Roll {
    pub(super) fn new() -> Self {
        Self { archive: Builder::new(Vec::new()), passwd: String::new(), group: String::new() }
    }

    pub(super) fn add(&mut self, account: &Account, spec: &AccountSpec, authorized: &str) -> io::Result<()> {
        let Account { name, home, uid } = account;
        let gid = gid(account, spec);
        let _ = writeln!(self.passwd, "{name}:x:{uid}:{gid}::{home}:{}", spec.shell);
        if !spec.codex_on_path {
            let _ = writeln!(self.group, "{name}:x:{uid}:");
        }
        self.add_home(account, spec, authorized)
    }

    /// Only the content of the home, for an account that exists.
    pub(super) fn add_home(
        &mut self,
        account: &Account,
        spec: &AccountSpec,
        authorized: &str,
    ) -> io::Result<()> {
        let (Account { home, uid, .. }, gid) = (account, gid(account, spec));
        let mut made = vec![String::new()];
        self.append(home, &Content::Directory, 0o755, (*uid, gid))?;
        let key = HomeFile {
            path: ".ssh/authorized_keys".to_owned(),
            content: Content::File(format!("{authorized}\n").into_bytes()),
            mode: 0o600,
        };
        for file in std::iter::once(&key).chain(&spec.files) {
            for (at, _) in file.path.match_indices('/') {
                let parent = &file.path[..at];
                if !made.iter().any(|path| path == parent) {
                    let mode = if parent == ".ssh" { 0o700 } else { 0o755 };
                    self.append(&format!("{home}/{parent}"), &Content::Directory, mode, (*uid, gid))?;
                    made.push(parent.to_owned());
                }
            }
            self.append(&format!("{home}/{}", file.path), &file.content, file.mode, (*uid, gid))?;
            made.push(file.path.clone());
        }
        Ok(())
    }

    /// The archive's bytes.
    pub(super) fn finish(mut self, knowledge: &Knowledge) -> io::Result<Vec<u8>> {
        let root = (0, 0);
        self.append("/run/rig", &Content::Directory, 0o700, root)?;
        let passwd = std::mem::take(&mut self.passwd);
        self.append("/run/rig/passwd.new", &Content::File(passwd.into_bytes()), 0o600, root)?;
        let group = std::mem::take(&mut self.group);
        self.append("/run/rig/group.new", &Content::File(group.into_bytes()), 0o600, root)?;
        let known = serde_json::to_vec(knowledge)?;
        self.append("/run/rig/cloud.new", &Content::File(known), 0o600, root)?;
        self.archive.into_inner()
    }

    fn append(&mut self, path: &str, content: &Content, mode: u32, owner: (u32, u32)) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_mode(mode);
        header.set_uid(owner.0.into());
        header.set_gid(owner.1.into());
        header.set_mtime(now());
        let path = path.trim_start_matches('/');
        match content {
            Content::File(bytes) => {
                header.set_entry_type(EntryType::Regular);
                header.set_size(bytes.len() as u64);
                self.archive.append_data(&mut header, path, &bytes[..])
            }
            Content::Directory => {
                header.set_entry_type(EntryType::Directory);
                header.set_size(0);
                self.archive.append_data(&mut header, path, io::empty())
            }
            Content::Link(to) => {
                header.set_entry_type(EntryType::Symlink);
                header.set_size(0);
                self.archive.append_link(&mut header, path, to)
            }
        }
    }
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
