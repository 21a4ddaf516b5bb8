//! Reads what the remote script answered, out of whatever else the account's shell printed.

use super::{DeployError, status_in_words};
use crate::ssh::{End, Output};

/// The facts that the script stated, and the proof's own output.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// `error CODE DETAIL`, where the script stopped.
    pub(crate) error: Option<(String, String)>,
    pub(crate) home: Option<String>,
    pub(crate) made: bool,
    pub(crate) was: Option<String>,
    pub(crate) file: Option<Listed>,
    pub(crate) directory: Option<Listed>,
    pub(crate) digest: Option<String>,
    pub(crate) codex: Option<String>,
    /// The file that was there before.
    pub(crate) old: Option<Listed>,
    /// Where the file that was replaced is kept.
    pub(crate) kept: Option<String>,
    /// `cli_auth_credentials_store` over there.
    pub(crate) store: Option<String>,
    /// The directory as it was, where others could write to it.
    pub(crate) opened: Option<Listed>,
    pub(crate) by: Option<String>,
    pub(crate) shell: String,
    pub(crate) release: Option<String>,
    /// The file is being put in its place.
    pub(crate) replacing: bool,
    /// The file is in place.
    pub(crate) done: bool,
    pub(crate) proof: Option<ProofReply>,
}

/// What one line of `ls -ldn` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Permission bits.
    pub(crate) mode: u32,
    /// The number of the user whose it is.
    pub(crate) owner: u32,
    /// Size in bytes.
    pub(crate) size: u64,
}

/// What codex gave.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ProofReply {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// Its exit status as the remote shell saw it; `None` where it had not ended.
    pub(crate) status: Option<i32>,
}

/// Looks for something in an output while that grows, at each byte once: a proof may print megabytes.
#[derive(Debug)]
pub(crate) struct Watch {
    wanted: Vec<u8>,
    looked_at: usize,
    seen: bool,
}

impl Watch {
    /// For the script's word that the file is in place.
    pub(crate) fn for_done(mark: &str) -> Self {
        Self::new(format!("{mark} done\n"))
    }

    /// For the script's word that the proof's command ended.
    pub(crate) fn for_end(mark: &str) -> Self {
        Self::new(format!("\n{mark} end "))
    }

    /// For a text of the caller's own.
    pub(crate) fn new(wanted: String) -> Self {
        Self { wanted: wanted.into_bytes(), looked_at: 0, seen: false }
    }

    /// Whether it stands in the output by now.
    pub(crate) fn sees(&mut self, stdout: &[u8]) -> bool {
        self.seen = self.seen || find(&stdout[self.looked_at..], &self.wanted).is_some();
        // What is wanted may have come in part.
        self.looked_at = (stdout.len() + 1).saturating_sub(self.wanted.len()).max(self.looked_at);
        self.seen
    }
}

impl Reply {
    /// Reads the outputs of one call whose lines carry `mark`.
    pub(crate) fn read(output: &Output, mark: &str) -> Self {
        let mut reply = Self::default();
        let begin = format!("{mark} proof\n");
        let (facts, rest) = match find(&output.stdout, begin.as_bytes()) {
            Some(at) => (&output.stdout[..at], Some(&output.stdout[at + begin.len()..])),
            None => (&output.stdout[..], None),
        };
        for (key, value) in stated(&String::from_utf8_lossy(facts), mark) {
            reply.take(key, value);
        }
        reply.proof = rest.map(|rest| proof(rest, &output.stderr, mark));
        reply
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "error" => {
                let (code, detail) = value.split_once(' ').unwrap_or((value, ""));
                self.error = Some((code.to_owned(), detail.to_owned()));
            }
            "home" => self.home = Some(value.to_owned()),
            "made" => self.made = value == "yes",
            "was" => self.was = Some(value.to_owned()).filter(|was| was != "none"),
            "file" => self.file = listed(value),
            "directory" => self.directory = listed(value),
            "digest" => self.digest = Some(value.to_owned()),
            "codex" => self.codex = some(value),
            "old" => self.old = listed(value),
            "kept" => self.kept = some(value),
            "store" => self.store = some(value),
            "opened" => self.opened = listed(value),
            "by" => self.by = some(value),
            "shell" => value.clone_into(&mut self.shell),
            "release" => self.release = some(value),
            "replacing" => self.replacing = true,
            "done" => self.done = true,
            _ => {}
        }
    }

    /// Why there is no whole reply; `sent` is whether the account was given the login.
    pub(crate) fn none(&self, end: &End, sent: bool) -> DeployError {
        let status = status_in_words(end);
        if self.replacing {
            DeployError::EndedEarly { status }
        } else {
            DeployError::NoReply { status, sent }
        }
    }
}

/// The facts that a script stated: what each is about, and what it says.
pub(crate) fn stated<'a>(text: &'a str, mark: &str) -> Vec<(&'a str, &'a str)> {
    let mark = format!("{mark} ");
    let facts = text.lines().filter_map(|line| {
        // The account's own noise may end without a newline right before a fact.
        let fact = &line[line.find(&mark)? + mark.len()..];
        Some(fact.split_once(' ').unwrap_or((fact, "")))
    });
    facts.collect()
}

fn some(value: &str) -> Option<String> {
    Some(value.to_owned()).filter(|value| !value.is_empty())
}

pub(crate) fn proof(stdout: &[u8], stderr: &[u8], mark: &str) -> ProofReply {
    let end = format!("\n{mark} end ");
    let (stdout, status) = match rfind(stdout, end.as_bytes()) {
        Some(at) => {
            let status = String::from_utf8_lossy(&stdout[at + end.len()..]).trim().parse().ok();
            (&stdout[..at], status)
        }
        None => (stdout, None),
    };
    let begin = format!("{mark}\n");
    let own = find(stderr, begin.as_bytes()).map_or(stderr, |at| &stderr[at + begin.len()..]);
    ProofReply { stdout: stdout.to_vec(), stderr: own.to_vec(), status }
}

/// Reads `-rw------- 1 1000 1000 4096 Jan 1 00:00 name`.
pub(crate) fn listed(line: &str) -> Option<Listed> {
    let mut words = line.split_whitespace();
    let bits = words.next()?.as_bytes().get(1..10)?;
    let owner = words.nth(1)?.parse().ok()?;
    let size = words.nth(1)?.parse().ok()?;
    // S and T: the bit of the group or the sticky bit, without the right to execute that s and t have.
    let mode = bits.iter().fold(0, |mode, bit| mode << 1 | u32::from(!b"-ST".contains(bit)));
    Some(Listed { mode, owner, size })
}

pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn output(stdout: &[u8], stderr: &[u8]) -> Output {
        Output {
            stdout: stdout.to_vec(),
            stderr: stderr.to_vec(),
            end: End::Exit(0),
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn facts_are_found_behind_a_noisy_login() {
        let text = b"Welcome!\nno newline hereM home /h/.codex\nM made yes\nM was none\n\
            M file -rw------- 1 1000 1000 42 Jan 1 00:00 x\nM codex \nM done\n";
        let reply = Reply::read(&output(text, b""), "M");
        assert_eq!(reply.home.as_deref(), Some("/h/.codex"));
        assert_eq!(reply.file, Some(Listed { mode: 0o600, owner: 1000, size: 42 }));
        assert!(reply.made && reply.done && reply.codex.is_none() && reply.was.is_none());
    }

    #[test]
    fn the_proofs_output_is_the_commands_own_to_the_byte() {
        let reply =
            Reply::read(&output(b"M done\nM proof\nauth OK\n\nM end 0\n", b"rc noise\nM\nwarning\n"), "M");
        let proof = reply.proof.unwrap();
        assert_eq!(proof.stdout, b"auth OK\n");
        assert_eq!(proof.stderr, b"warning\n");
        assert_eq!(proof.status, Some(0));
    }

    #[test]
    fn what_is_watched_for_is_seen_however_it_comes_in() {
        let text = b"noise\nM done\n\nM end 0\n";
        for first in 0..text.len() {
            for second in first..text.len() {
                let (mut done, mut end) = (Watch::for_done("M"), Watch::for_end("M"));
                for part in [&text[..first], &text[..second]] {
                    assert_eq!(done.sees(part), part.len() >= 13, "{first} {second}");
                    assert_eq!(end.sees(part), part.len() >= 20, "{first} {second}");
                }
                assert!(done.sees(text) && end.sees(text));
            }
        }
    }

    #[test]
    fn special_bits_without_the_right_to_execute_are_no_right_to_execute() {
        assert_eq!(listed("drwx--S--T 2 1 1 40 x").unwrap().mode, 0o700);
        assert_eq!(listed("drwx--s--t+ 2 1 1 40 x").unwrap().mode, 0o711);
    }

    #[test]
    fn an_error_keeps_its_code_and_detail() {
        let reply = Reply::read(&output(b"M error cannot-write head: No space left\n", b""), "M");
        assert_eq!(reply.error, Some(("cannot-write".to_owned(), "head: No space left".to_owned())));
        assert!(!reply.done);
    }

    proptest! {
        #[test]
        fn no_output_panics_or_passes_for_a_reply(stdout in proptest::collection::vec(any::<u8>(), 0..200),
                                                 stderr in proptest::collection::vec(any::<u8>(), 0..50)) {
            let reply = Reply::read(&output(&stdout, &stderr), "0123456789abcdef");
            prop_assert_eq!(reply, Reply::default());
        }

        #[test]
        fn noise_around_the_facts_changes_none_of_them(before in "[a-z \n]{0,40}", between in "[a-z\n]{0,40}") {
            let text = format!("{before}\nQ7 done\n{between}\nQ7 proof\n{between}\nQ7 end 7\n");
            let reply = Reply::read(&output(text.as_bytes(), b""), "Q7");
            prop_assert!(reply.done);
            let proof = reply.proof.unwrap();
            prop_assert_eq!(proof.status, Some(7));
            prop_assert_eq!(proof.stdout, between.as_bytes());
        }
    }
}
