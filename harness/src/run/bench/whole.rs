//! Whole programs, from their start to their exit.

use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program took.
#[derive(Debug, Clone)]
pub struct Timed {
    /// From its start to its exit.
    pub wall: Duration,
    /// Whether it exited 0.
    pub held: bool,
}

/// Runs a program, with its outputs thrown away.
///
/// # Errors
/// What the system says where it cannot be started.
pub fn timed(command: &mut Command) -> io::Result<Timed> {
    let began = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    Ok(Timed { wall: began.elapsed(), held: status.success() })
}
