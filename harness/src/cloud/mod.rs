//! The fake cloud from outside: logins that are minted for it, what it knows about them, and the requests it got.
//!
//! The server is the package `fake-cloud`. It runs in the container as a static program and needs nothing from
//! this crate. No request ever reaches the real cloud.

mod mint;

pub use fake_cloud::{
    Credential, CredentialKind, CredentialState, Finding, Knowledge, Record, RefreshState, fingerprint,
};
pub use mint::{Claims, Minted, api_key, canary, chatgpt, claude};
