//! One conversation with a host: starts the script, waits until it runs, reads what it sees, gives orders, and follows
//! codex.

use std::time::Duration;

use anstream::adapter::strip_str;

use super::conversation_problem::{Answer, ConversationProblem, NotOurs, status_in_words};
use super::look::{Look, RemoteFile};
use super::reply::{Reply, find};
use super::script::{Script, order_line};
use crate::auth_json::Secret;
use crate::codex::Outcome;
use crate::ssh::{Deadline, End, Forward, RemoteProcess, Session, SshProblem, Stdin, printable};

/// How long the account's rc files may run before our script starts. Slow ones take a few seconds.
const UNTIL_READY: Duration = Duration::from_secs(20);
/// How long a stopped program may take to end before we stop listening.
const GRACE: Duration = Duration::from_secs(3);
/// How long the account may take to name its login shell.
const UNTIL_NAMED: Duration = Duration::from_secs(5);

/// The script running on a host. Dropping this ends the script, and codex with it.
pub struct Conversation<'s> {
    session: &'s Session,
    process: RemoteProcess<'s>,
    mark: String,
    reply: Reply,
    /// The code that defines the orders; it is sent before the first order.
    act: Option<String>,
    /// How many calls of codex have begun.
    calls: u32,
    doing: &'static str,
}

/// The result of one call of codex.
#[derive(Debug)]
pub struct Called {
    /// What codex printed, and how it ended; [`End::Deadline`] if it was stopped. If an rc file joins the two outputs, both
    /// are the same.
    pub outcome: Outcome,
    /// Whether its standard error was seen. An rc file can send it to a file.
    pub has_stderr: bool,
}

impl<'s> Conversation<'s> {
    /// Starts the script and reads what it sees. Nothing from the caller is sent: the script is the command itself.
    ///
    /// `doing` names the work in timeout errors.
    ///
    /// # Errors
    /// [`ConversationProblem::NotOurs`] if something else answered; [`ConversationProblem::Changed`] if a file changed
    /// while it was read; the connection's own problems.
    pub fn start(
        session: &'s Session,
        script: &Script,
        doing: &'static str,
        deadline: Deadline,
    ) -> Result<(Self, Look), ConversationProblem> {
        let mark = mark()?;
        let process = session.start(&script.command(&mark), deadline)?;
        let act = Some(script.act().to_owned());
        let mut conversation = Self { session, process, mark, reply: Reply::default(), act, calls: 0, doing };
        match conversation.wait_until_ready(deadline) {
            Err(ConversationProblem::NotOurs(problem @ NotOurs { how: Answer::Ended { .. }, .. })) => {
                // A server may allow one channel at a time.
                drop(conversation);
                let shell = login_shell(session, deadline);
                return Err(NotOurs { shell, ..problem }.into());
            }
            other => other?,
        }
        conversation.wait_for("looked", deadline)?;
        if let Some(reader) = conversation.reply.fact("reader") {
            return Err(ConversationProblem::InputIsRead { reader: printable(reader) });
        }
        let mut look = Look::read(&mut conversation.reply);
        if !look.has_codex() {
            // One more round trip, only in this case: the search is too long for the command.
            conversation.order("find_codex");
            conversation.wait_for("searched", deadline)?;
            look.read_codex(&conversation.reply);
        }
        Ok((conversation, look))
    }

    /// Waits for the line that only our script can print.
    fn wait_until_ready(&mut self, deadline: Deadline) -> Result<(), ConversationProblem> {
        // Some of the time is kept to find out what runs instead of the script.
        let left = deadline.left();
        let grace = GRACE.min(left / 4);
        let waited = UNTIL_READY.min(left.saturating_sub(grace));
        if self.has_come("ready", Deadline::after(waited))? {
            return Ok(());
        }
        let mut ended = self.process.has_ended();
        let mut how = None;
        if !ended {
            // End of input for whatever waits for input: a `read` in an rc file continues, a shell ends.
            self.process.feed(Stdin::Closed);
            let late = self.has_come("ready", Deadline::after(grace))?;
            ended = self.process.has_ended();
            how = Some(if late || ended { Answer::ReadsInput } else { Answer::Silent { waited } });
        }
        let of_others = |output| salient(output, &self.mark);
        let said = of_others(self.process.stdout()).or_else(|| of_others(self.process.stderr()));
        let end = if ended { self.process.close(Deadline::after(GRACE))? } else { End::Deadline };
        let how = how.unwrap_or_else(|| Answer::Ended { status: status_in_words(&end) });
        Err(NotOurs { how, said, shell: None }.into())
    }

    /// Follows the output until this fact has arrived. `false` if the output or the time ended first.
    fn has_come(&mut self, word: &str, deadline: Deadline) -> Result<bool, ConversationProblem> {
        let (reply, mark) = (&mut self.reply, &self.mark);
        let mut read = Ok(false);
        self.process.follow(deadline, |seen| {
            read = reply.read_to(seen.stdout(), mark, word);
            read != Ok(false) || reply.error().is_some()
        })?;
        if read == Ok(false) && reply.error().is_none() {
            read = reply.read_to(self.process.stdout(), mark, word);
        }
        read.map_err(|name| ConversationProblem::Changed { name: name_of(&name).to_owned() })
    }

    /// Follows the output until the script has printed this fact.
    ///
    /// # Errors
    /// [`ConversationProblem::Stopped`] if the script stops first, [`ConversationProblem::Ended`] if it ends first, a
    /// timeout.
    pub fn wait_for(&mut self, word: &str, deadline: Deadline) -> Result<(), ConversationProblem> {
        if self.has_come(word, deadline)? {
            return Ok(());
        }
        if let Some((code, detail)) = self.reply.error() {
            let (code, detail) = (code.to_owned(), detail.to_owned());
            // The script still has to remove what it made.
            self.stop();
            return Err(ConversationProblem::Stopped { code, detail });
        }
        if !self.process.has_ended() {
            return Err(self.timed_out(deadline.span()).into());
        }
        let end = self.process.close(Deadline::after(GRACE))?;
        Err(ConversationProblem::Ended { status: status_in_words(&end) })
    }

    /// The timeout error for a script that did not continue within this time.
    pub fn timed_out(&self, waited: Duration) -> SshProblem {
        SshProblem::TimedOut { endpoint: self.session.endpoint().clone(), doing: self.doing, waited }
    }

    /// What the script has printed so far.
    pub(crate) fn said(&self) -> &Reply {
        &self.reply
    }

    /// Removes the bytes of a file that the script has printed, and returns them.
    pub(crate) fn take_file(&mut self, name: &str) -> Option<Secret> {
        self.reply.take_file(name)
    }

    /// A file that the script has shown again after its look.
    pub(crate) fn file_now(&mut self, name: &str) -> RemoteFile {
        RemoteFile::read(&mut self.reply, name)
    }

    /// Gives an order: shell code in which every word from the caller is quoted.
    pub fn order(&mut self, code: &str) {
        if let Some(act) = self.act.take() {
            self.process.feed(Stdin::Open(order_line(&act).as_bytes()));
        }
        self.process.feed(Stdin::Open(order_line(code).as_bytes()));
    }

    /// Gives an order, after which the script ends.
    pub(crate) fn last_order(&mut self, code: &str) {
        self.order(code);
        self.process.feed(Stdin::Closed);
    }

    /// Sends the bytes that the last order reads.
    pub fn send(&mut self, bytes: &[u8]) {
        self.process.feed(Stdin::Open(bytes));
    }

    /// Reads what an order to call codex prints, until codex ends or its time is over. `look` sees the two outputs of
    /// codex as they arrive; if it returns true, this function returns early.
    ///
    /// # Errors
    /// As [`wait_for`](Self::wait_for), if codex was never called.
    pub fn follow_call(
        &mut self,
        begins: Deadline,
        deadline: Deadline,
        look: impl FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<CallOnItsWay, ConversationProblem> {
        self.wait_for("begin", begins)?;
        self.calls += 1;
        // The two outputs are not in step: standard error may reach its begin mark later.
        let [begin, next] = [self.calls, self.calls + 1].map(|call| format!("{} begin {call}\n", self.mark));
        let mut call = CallOnItsWay { stdout: self.reply.at(), begin, next, deadline };
        self.go_on(&mut call, None, look)?;
        Ok(call)
    }

    /// Continues a call that `look` interrupted.
    ///
    /// # Errors
    /// The connection's own problems.
    pub fn go_on(
        &mut self,
        call: &mut CallOnItsWay,
        forward: Option<&mut Forward<'_>>,
        mut look: impl FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), ConversationProblem> {
        let end = format!("\n{} end ", self.mark);
        let from = call.clone();
        self.process.follow_beside(forward, call.deadline, |seen| {
            let stdout = &seen.stdout()[from.stdout..];
            end_of(stdout, &end).is_some() || look(stdout, from.own(seen.stderr()))
        })?;
        Ok(())
    }

    /// Whether a call has ended by itself.
    pub fn is_over(&self, call: &CallOnItsWay) -> bool {
        end_of(&self.process.stdout()[call.stdout..], &format!("\n{} end ", self.mark)).is_some()
    }

    /// Ends a call, and returns what it printed and how it ended. A call that is still running is stopped, with
    /// everything that it started; after that, no more orders can be given.
    ///
    /// # Errors
    /// The connection's own problems; [`ConversationProblem::Ended`] if the script ended during the call.
    pub fn end_call(&mut self, call: &CallOnItsWay) -> Result<Called, ConversationProblem> {
        let end = format!("\n{} end ", self.mark);
        let stopped = !self.is_over(call);
        if stopped && self.process.has_ended() {
            let end = self.process.close(Deadline::after(GRACE))?;
            return Err(ConversationProblem::Ended { status: status_in_words(&end) });
        }
        if stopped {
            self.process.feed(Stdin::Closed);
            self.process.follow(Deadline::after(GRACE), |seen| {
                end_of(&seen.stdout()[call.stdout..], &end).is_some()
            })?;
        }
        let stdout = &self.process.stdout()[call.stdout..];
        let (stdout, status, behind) = match end_of(stdout, &end) {
            Some((at, status, behind)) => (&stdout[..at], Some(status), behind),
            None => (stdout, None, stdout.len()),
        };
        let stdout = stdout.to_vec();
        let begins = |output: &[u8]| find(output, call.begin.as_bytes()).is_some();
        let is_apart = begins(self.process.stderr());
        let has_stderr = is_apart || begins(&stdout);
        let stderr = call.own(if is_apart { self.process.stderr() } else { &stdout }).to_vec();
        self.reply.skip_to(call.stdout + behind);
        let end = match status {
            _ if stopped => End::Deadline,
            Some(status) => End::Exit(status),
            None => End::Deadline,
        };
        Ok(Called { outcome: Outcome { stdout, stderr, end }, has_stderr })
    }

    /// Whether the script has ended.
    pub fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// Time since the script was started.
    pub fn elapsed(&self) -> Duration {
        self.process.elapsed()
    }

    /// Ends the script and everything that runs in it, and waits briefly for that. Errors are ignored, since they
    /// change nothing any more.
    pub fn stop(&mut self) {
        self.process.feed(Stdin::Closed);
        let deadline = Deadline::after(GRACE);
        let _ = self.process.follow(deadline, |_| false);
        // Dropbear 2022.83 answers no request on a channel that is opened just before the end of an earlier command is
        // noticed there.
        let _ = self.process.close(deadline);
    }
}

/// A call of codex that may still be running: where its outputs begin, and its deadline.
#[derive(Debug, Clone)]
pub struct CallOnItsWay {
    stdout: usize,
    /// The line after which codex's own standard error begins.
    begin: String,
    /// The line after which that of the next call begins. It may already be there.
    next: String,
    deadline: Deadline,
}

impl CallOnItsWay {
    /// The part of the standard error that is from codex.
    fn own<'o>(&self, stderr: &'o [u8]) -> &'o [u8] {
        let own = find(stderr, self.begin.as_bytes()).map_or(&[][..], |at| &stderr[at + self.begin.len()..]);
        find(own, self.next.as_bytes()).map_or(own, |end| &own[..end])
    }
}

/// The line that ends a call: where codex's output ends, the exit status, and where the next output begins.
fn end_of(stdout: &[u8], end: &str) -> Option<(usize, i32, usize)> {
    let at = find(stdout, end.as_bytes())?;
    let rest = &stdout[at + end.len()..];
    let length = rest.iter().position(|byte| *byte == b'\n')?;
    let status = std::str::from_utf8(&rest[..length]).ok()?.trim().parse().ok()?;
    Some((at, status, at + end.len() + length + 1))
}

/// The name of a file that the script reads, by its own word for it.
fn name_of(word: &str) -> &str {
    match word {
        "auth" | "now" => "auth.json",
        "before" => "auth.json.before",
        "config" => "config.toml",
        "env-file" => ".env",
        "program" => "codex",
        "system" => "/etc/codex/config.toml",
        "managed" => "/etc/codex/managed_config.toml",
        other => other,
    }
}

/// The path of the account's login shell, by a command without quotation marks, which every shell runs.
fn login_shell(session: &Session, deadline: Deadline) -> Option<String> {
    let output = session.run("printenv SHELL", Stdin::Closed, deadline.or_within(UNTIL_NAMED)).ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // rc files may print something before it.
    let shell = text.lines().next_back()?.trim();
    let is_path = shell.starts_with('/') && !shell.contains(' ') && shell.len() < MOST_QUOTED;
    is_path.then(|| printable(shell))
}

/// A random word that appears in no output but this conversation's.
fn mark() -> Result<String, ConversationProblem> {
    let random = getrandom::u64()
        .map_err(|error| ConversationProblem::NoRandomNumbers { reason: error.to_string() })?;
    Ok(format!("cra-{random:016x}"))
}

/// How many characters of another program's output an error repeats.
const MOST_QUOTED: usize = 120;

/// The last line of an output that is not our script's, without terminal codes and without words that look like a secret,
/// since the account's rc files may print one.
fn salient(output: &[u8], mark: &str) -> Option<String> {
    let from = output.len().saturating_sub(64 * 1024);
    let text = strip_str(&String::from_utf8_lossy(&output[from..])).to_string();
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(mark))?;
    let looks_secret = |word: &str| {
        let name = word.to_ascii_uppercase();
        word.len() > 40
            || ["SK-", "EYJ", "KEY=", "TOKEN=", "SECRET", "PASSWORD"].iter().any(|sign| name.contains(sign))
    };
    let words = line.split_whitespace().map(|word| if looks_secret(word) { "\u{2026}" } else { word });
    let line = printable(&words.collect::<Vec<_>>().join(" "));
    Some(match line.char_indices().nth(MOST_QUOTED) {
        Some((at, _)) => format!("{}\u{2026}", &line[..at]),
        None => line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_programs_output_is_quoted_without_secrets_or_terminal_codes() {
        let said = |text: &str| salient(text.as_bytes(), "cra-1");
        assert_eq!(
            said("hello\n\x1b[31mThis account is not available.\x1b[0m\n\n").unwrap(),
            "This account is not available."
        );
        assert_eq!(said("+ export OPENAI_API_KEY=abc x\n").unwrap(), "+ export \u{2026} x");
        assert_eq!(
            said(&format!("{} {}", "a".repeat(41), "b ".repeat(100))).unwrap().chars().count(),
            MOST_QUOTED + 1
        );
        let longest = "a".repeat(40);
        assert_eq!(said(&format!("{longest} {longest}a")).unwrap(), format!("{longest} \u{2026}"));
        assert!(said(&format!("begins {}", "b ".repeat(5_000))).unwrap().starts_with("begins b"));
        assert_eq!((said(" \n"), said("cra-1 ready\n")), (None, None));
        assert_eq!(said("module?\ncra-1 ready\n").unwrap(), "module?");
    }

    #[test]
    fn no_other_conversation_has_the_same_mark() {
        let marks: std::collections::BTreeSet<String> = (0..100).map(|_| mark().unwrap()).collect();
        assert_eq!(marks.len(), 100);
        assert!(marks.iter().all(|mark| mark.len() == 20 && mark.starts_with("cra-")), "{marks:?}");
    }

    #[test]
    fn the_standard_error_of_a_call_has_nothing_of_the_next() {
        let call = |number: usize| CallOnItsWay {
            stdout: 0,
            begin: format!("M begin {number}\n"),
            next: format!("M begin {}\n", number + 1),
            deadline: Deadline::after(GRACE),
        };
        let stderr = b"noise\nM begin 1\none\nM begin 2\ntwo\n";
        assert_eq!((call(1).own(stderr), call(2).own(stderr)), (&b"one\n"[..], &b"two\n"[..]));
        assert_eq!((call(1).own(&stderr[..16]), call(3).own(stderr)), (&b""[..], &b""[..]));
    }

    #[test]
    fn a_call_ends_only_once_its_end_line_is_complete() {
        let text = b"codex says\n\nM end 7\nmore";
        for end in 0..text.len() {
            let expected = (end >= 20).then_some((11, 7, 20));
            assert_eq!(end_of(&text[..end], "\nM end "), expected, "{end}");
        }
    }
}
