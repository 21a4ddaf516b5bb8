//! What a container writes down: its log and sshd's, what its processes were seen with, and what the cloud in it was asked.

use std::fmt::Write as _;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use futures_util::TryStreamExt as _;
use testcontainers::bollard::container::LogOutput;
use testcontainers::bollard::query_parameters::LogsOptionsBuilder;

use super::container::{Container, Lengths};
use super::engine::causes;
use super::rig_problem::{RigProblem, or_ended};
use crate::cloud::Record;
use codex_remote_auth::ssh::End;

/// Where the container keeps what its processes were seen with.
const PROCESS_LOG: &str = "/run/procwatch.log";

/// Where sshd writes its log: in the container, since the engine copies each line that it prints three times over.
const SSHD_LOG: &str = "/run/sshd.log";

/// Where the cloud in the container records what it was asked, a line for each request.
const RECORDS: &str = "/run/cloud/records.jsonl";

impl Container<'_> {
    /// How long the files of the container are now.
    pub(super) fn lengths(&self) -> Result<Lengths, RigProblem> {
        let command =
            format!("for file in {SSHD_LOG} {PROCESS_LOG} {RECORDS}; do wc -c <$file || echo 0; done");
        let said = self.read("the lengths of the container's files", &command)?;
        let said = String::from_utf8_lossy(&said);
        let mut numbers = said.split_whitespace().map(str::parse::<u64>);
        match [numbers.next(), numbers.next(), numbers.next()] {
            [Some(Ok(sshd)), Some(Ok(processes)), Some(Ok(records))] => {
                Ok(Lengths { sshd, processes, records })
            }
            _ => Err(RigProblem::Unread {
                what: "the lengths of the container's files",
                reason: format!("it said {said:?}"),
            }),
        }
    }

    /// What the cloud in the container was asked, in order: by these Unix users, or by anybody where none is named.
    ///
    /// # Errors
    /// [`RigProblem::Died`], and [`RigProblem::Cloud`] where the cloud is not there or said that something is wrong.
    pub fn cloud_records(&self, uids: &[u32]) -> Result<Vec<Record>, RigProblem> {
        let mut command = "cat /run/cloud/errors >&2; ".to_owned();
        match uids {
            [] => {
                let _ = write!(command, "tail -c +{} {RECORDS}", self.began.records + 1);
            }
            uids => {
                let wanted: Vec<String> = uids.iter().map(|uid| format!("-e '\"uid\":{uid},'")).collect();
                // No match is status 1, and no failure.
                let _ = write!(command, "grep {} {RECORDS} || [ $? = 1 ]", wanted.join(" "));
            }
        }
        let output = self.as_root(&command, b"")?;
        if output.end != End::Exit(0) || !output.stderr.is_empty() {
            return Err(RigProblem::Cloud {
                reason: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            });
        }
        let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let parsed: Result<Vec<Record>, _> = lines.map(serde_json::from_slice).collect();
        parsed.map_err(|error| RigProblem::Cloud { reason: format!("a record cannot be read: {error}") })
    }

    /// What the container has printed, and sshd's own log.
    ///
    /// # Errors
    /// [`RigProblem::Died`], and [`RigProblem::Unread`] where one of the two cannot be read: an empty log shows no leak.
    pub fn log(&self) -> Result<Vec<u8>, RigProblem> {
        let mut log = self.read("sshd's log", &format!("tail -c +{} {SSHD_LOG}", self.began.sshd + 1))?;
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).build();
        let printed = self.engine.docker().logs(self.id(), Some(options));
        let printed: Vec<LogOutput> = self.engine.block_on(printed.try_collect()).map_err(|error| {
            let problem = RigProblem::Unread { what: "the container's own log", reason: causes(&error) };
            or_ended(self.engine, problem)
        })?;
        log.extend(printed.into_iter().flat_map(LogOutput::into_bytes));
        Ok(log)
    }

    /// The command lines and environments that its processes were seen with.
    ///
    /// # Errors
    /// [`RigProblem::Died`], and [`RigProblem::Unread`] where the watch over the processes does not run any more, or not
    /// yet: what it did not see shows nothing.
    pub fn process_log(&self) -> Result<Vec<u8>, RigProblem> {
        self.process_log_from(self.began.processes)
    }

    /// The same without the first bytes of it, which somebody has looked at already.
    ///
    /// # Errors
    /// As [`process_log`](Self::process_log).
    pub fn process_log_from(&self, offset: u64) -> Result<Vec<u8>, RigProblem> {
        let mark = format!("watched-{}", self.next_mark.fetch_add(1, Ordering::Relaxed));
        // The watch has to see this very shell, whose command line has the mark.
        let command = format!(
            "rest() {{ tail -c +{from} {PROCESS_LOG}; }}; tries=0; until rest | grep -aq {mark}; do \
             tries=$((tries + 1)); [ $tries -lt 200 ] || exit 9; sleep 0.02; done; rest",
            from = offset.saturating_add(1),
        );
        self.read("the watch over the container's processes", &command)
    }

    /// What the codex of every account witnessed, as JSON, one call after the other.
    ///
    /// # Errors
    /// As [`log`](Self::log).
    pub fn witnesses(&self) -> Result<Vec<u8>, RigProblem> {
        let homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner).join("\n") + "\n";
        self.read_with(
            "the witness of a codex",
            "while read -r home; do for file in \"$home\"/.codex-stub/witness/*; do \
             [ ! -f \"$file\" ] || cat \"$file\" || exit; done; done",
            homes.as_bytes(),
        )
    }

    fn read(&self, what: &'static str, command: &str) -> Result<Vec<u8>, RigProblem> {
        self.read_with(what, command, b"")
    }

    fn read_with(&self, what: &'static str, command: &str, stdin: &[u8]) -> Result<Vec<u8>, RigProblem> {
        let output = self.as_root(command, stdin)?;
        if output.end != End::Exit(0) {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(RigProblem::Unread { what, reason: format!("{:?}: {said}", output.end) });
        }
        Ok(output.stdout)
    }
}
