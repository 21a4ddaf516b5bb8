//! The file system of the Codex home, and who owns what is in it.

use super::Finding;
use super::facts::{Facts, More};
use crate::codex::quote;

const SUBJECT: &str = "file system";

/// File systems on another machine, by the names of the kernel.
const NETWORK: [&str; 13] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "fuse.sshfs",
    "ceph",
    "fuse.glusterfs",
    "lustre",
    "9p",
    "gpfs",
    "beegfs",
];

/// With fewer free inodes than this, codex may not be able to make its files.
const FEW: u64 = 200;

impl More {
    /// The type of the file system.
    fn kind(&self) -> Option<&str> {
        self.mount.split_whitespace().next()
    }

    /// Whether the file system is mounted read-only.
    pub(super) fn is_read_only(&self) -> bool {
        self.mount.split_whitespace().nth(1).is_some_and(|options| options.split(',').any(|one| one == "ro"))
    }
}

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let (look, more) = (&facts.look, &facts.more);
    let home = &look.codex_home;
    let mut findings = Vec::new();
    if let Some(kind) = more.kind().filter(|kind| NETWORK.contains(kind)) {
        let what = format!(
            "{home} is on a network file system ({kind}): codex's own databases need locks, which may fail there"
        );
        let advice =
            "if codex reports a locked database or a disk error, set CODEX_HOME to a folder on a local disk";
        findings.push(Finding::note(SUBJECT, what).advice(advice));
    }
    findings.extend(inodes(more));
    let auth = look.auth_path();
    let foreign: Vec<&str> =
        more.foreign.iter().map(String::as_str).filter(|path| *path != auth && path != home).collect();
    if let Some(first) = foreign.first() {
        let what = match foreign.len() {
            1 => format!("{first} belongs to another user, so codex may not be able to write it"),
            _ => format!(
                "files in {home} belong to another user, such as {first}, so codex may not be able to write them"
            ),
        };
        let command = format!("chown -R {} {}", quote(&look.user), quote(home));
        let finding =
            Finding::problem("codex home", format!("{what}; a call of codex with sudo leaves such files"));
        findings.push(finding.then(facts.as_administrator(command)));
    }
    let listed = [(home, look.directory.facts()), (&auth, more.listed)];
    for (path, _) in listed.into_iter().filter(|(_, facts)| facts.is_some_and(|facts| facts.has_list)) {
        let what = format!(
            "{path} has an access list, which can give other users rights that its mode does not show"
        );
        findings.push(
            Finding::note("codex home", what)
                .lesson("file-modes")
                .on_host(format!("getfacl {}", quote(path))),
        );
    }
    findings
}

/// The columns of `df -Pi`: file system, inodes, used, free, percentage, mount point. Some file systems have no limit.
fn inodes(more: &More) -> Option<Finding> {
    let words: Vec<&str> = more.inodes.split_whitespace().collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok());
    let (all, free) = (number(1)?, number(3)?);
    let at = words.get(5..).map(|at| at.join(" ")).unwrap_or_default();
    (all > 0 && free < FEW).then(|| {
        let what = format!("{at} has {free} free inodes: no file can be made there once they are used");
        Finding::problem("disk", what).on_host(format!("du --inodes -x {} | sort -n | tail", quote(&at)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inodes_are_reported_only_where_they_run_out() {
        let of = |line: &str| {
            inodes(&More { inodes: line.to_owned(), ..More::default() }).map(|finding| finding.what)
        };
        assert_eq!(
            of("/dev/sda1 1000 990 10 99% /home dir").unwrap(),
            "/home dir has 10 free inodes: no file can be made there once they are used"
        );
        for line in ["/dev/sda1 1000000 10 999990 1% /", "btrfs 0 0 0 - /", "tmpfs - - - - /", ""] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn only_the_option_ro_is_read_only() {
        let of = |mount: &str| More { mount: mount.to_owned(), ..More::default() };
        assert!(of("ext4 ro,relatime").is_read_only() && !of("ext4 rw,errors=remount-ro").is_read_only());
        assert!(!of("").is_read_only() && of("").kind().is_none());
        assert_eq!(of("nfs4 rw,vers=4.2").kind(), Some("nfs4"));
    }
}
