//! `--report FILE`, as a user calls it: what each form says of a run that passes, fails or is interrupted, and what is refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod called;
mod drift;
mod full_drift;
mod github;
mod interrupted;
mod page;
mod pipelines;
mod smoke;
