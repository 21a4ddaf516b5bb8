//! The fake cloud as the rig sees it: the logins that are minted for it, what it is told of them, and what it was asked.
//!
//! The server is a package of its own, `fake-cloud`: it runs in the container, as a static program that needs nothing of
//! this crate. No request ever leaves for the real one.

mod mint;

pub use fake_cloud::{
    Credential, CredentialKind, CredentialState, Finding, Knowledge, Record, RefreshState, fingerprint,
};
pub use mint::{Claims, Minted, api_key, canary, chatgpt, claude};
