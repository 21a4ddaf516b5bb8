//! Where an sshd runs: the container engine, the image, the containers, and the accounts in them.

mod account;
mod attempt;
mod base;
mod bootstrap;
mod closed_network;
mod codex_under_test;
mod container;
mod engine;
mod flavour;
pub mod image;
mod image_options;
mod keys;
mod lacks;
pub mod leftovers;
mod no_engine;
mod private_file;
mod programs_volume;
mod proxy;
mod reach;
mod refusal;
mod run_lock;
mod runtime_dir;
mod static_programs;
mod under_test;

pub use account::{Account, AccountSpec, Content, HomeFile};
pub use codex_under_test::{CodexChoice, CodexUnderTest, RealCodex, version};
pub use container::{Container, ContainerSpec, RigProblem};
pub use engine::Engine;
pub use keys::KeyPair;
pub use lacks::Lacks;
pub use private_file::write_private;
pub use proxy::DelayProxy;
pub use run_lock::{RunId, RunLock};
pub use static_programs::static_programs;
pub use under_test::{Trust, UnderTest};
