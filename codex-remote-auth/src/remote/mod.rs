//! The conversation with a host that every command uses: one connection, one channel, one script.
//!
//! 1. *Look.* The script prints `ready`, then facts and the bytes of the files that decide about a login. Nothing from
//!    the caller has been sent by then.
//! 2. *Decide*, on this machine, with the same parsers as for the caller's own files.
//! 3. *Act.* One order, followed by the login.
//! 4. *Verify.* One function calls codex, with a time limit and a guaranteed end.

mod advice;
mod close_home;
mod codex_call;
mod codex_places;
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
mod reasons;
mod refusal;
mod refusal_advice;
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
pub use reasons::Reason;
pub use refusal::Refusal;
pub use script::Script;

pub(crate) use proof::{LookedAt, Tried};
pub(crate) use reasons::{another_home, correct, no_certificates};
pub(crate) use reply::Reply;
