//! The conversation with a host that every command has: one connection, one channel, one script.
//!
//! 1. *Look.* The script prints `ready`, then facts and the bytes of the files that decide about a login. Nothing of the
//!    caller's has been sent by then.
//! 2. *Decide*, here, with the parsers that read the caller's own files.
//! 3. *Act.* One order, and behind it the login.
//! 4. *Prove.* Codex is called by one function, with a time limit and a certain end.

mod close_home;
mod codex_call;
mod conversation;
mod conversation_problem;
mod error;
mod file_facts;
mod force;
mod guards;
#[cfg(test)]
mod guards_tests;
mod look;
mod proof;
mod refusal;
mod reply;
mod script;
mod settings;

pub use conversation::{CallOnItsWay, Called, Conversation};
pub use conversation_problem::{Answer, ConversationProblem, NotOurs};
pub use error::{RemoteError, RemoteState};
pub use file_facts::{FileFacts, Kind};
pub use force::{Force, Guard};
pub use guards::Compared;
pub use look::{Candidate, Look, RemoteFile};
pub use proof::{Proof, ProofOutcome};
pub use refusal::Refusal;
pub use script::Script;

pub(crate) use reply::Reply;
