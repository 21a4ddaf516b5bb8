//! Where an sshd runs: the container engine, the image, the containers, and the accounts in them.

pub mod lacks;

pub use lacks::Lacks;
