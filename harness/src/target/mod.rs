//! Where an sshd runs: the container engine, the image, the containers, and the accounts in them.

mod account;
mod attempt;
mod base;
mod bootstrap;
pub mod cleanup;
mod closed_network;
mod codex_under_test;
mod container;
mod engine;
mod eras;
mod flavour;
pub mod image;
mod image_options;
mod keys;
mod missing_prerequisite;
mod no_engine;
mod private_file;
mod proxy;
mod reach;
mod refusal;
mod run_lock;
mod runtime_dir;
mod static_programs;
mod subject;

pub use account::{Account, AccountSpec, Content, HomeFile};
pub use codex_under_test::{CodexChoice, CodexUnderTest, RealCodex, version};
pub use container::{Container, ContainerSpec, RigProblem};
pub use engine::Engine;
pub use eras::{ERAS, newest_release};
pub use keys::KeyPair;
pub use missing_prerequisite::MissingPrerequisite;
pub use private_file::write_private;
pub use proxy::{Proxy, Towards};
pub use run_lock::{RunId, RunLock};
pub use static_programs::static_programs;
pub use subject::{Subject, Trust};
