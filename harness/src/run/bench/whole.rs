//! Whole programs, from their start to their exit.

use std::io;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// What a program took.
#[derive(Debug, Clone, Copy)]
pub struct Timed {
    /// From its start to its exit.
    pub wall: Duration,
    /// Whether it exited 0.
    pub held: bool,
}

/// What a program took, and what it took of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Weighed {
    /// Its time, and how it ended.
    pub timed: Timed,
    /// Processor time of it and of all that it started and waited for.
    pub cpu: Duration,
    /// The most memory that it had at a time, in KiB, what it started not counted.
    pub peak: u64,
}

/// How often a running program's memory is looked at. The kernel keeps the high-water mark itself.
const LOOK: Duration = Duration::from_millis(10);

/// Runs a program, with its outputs thrown away.
///
/// # Errors
/// What the system says where it cannot be started.
pub fn timed(command: &mut Command) -> io::Result<Timed> {
    let began = Instant::now();
    let status = silent(command).status()?;
    Ok(Timed { wall: began.elapsed(), held: status.success() })
}

/// Runs a program as [`timed`] does, and looks at its processor time and memory.
///
/// # Errors
/// What the system says where it cannot be started, or does not tell.
pub fn weighed(command: &mut Command) -> io::Result<Weighed> {
    let began = Instant::now();
    let mut child = silent(command).spawn()?;
    let mut peak = 0;
    while !has_ended(&child)? {
        peak = peak.max(high_water_mark(child.id()));
        std::thread::sleep(LOOK);
    }
    let wall = began.elapsed();
    // Before it is waited for: after that there is nothing left to look at.
    let cpu = processor_time(child.id())?;
    let held = child.wait()?.success();
    Ok(Weighed { timed: Timed { wall, held }, cpu, peak })
}

fn silent(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

fn has_ended(child: &Child) -> io::Result<bool> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidInput)?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

fn high_water_mark(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or(0)
}

fn processor_time(pid: u32) -> io::Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let ticks = ticks(&text).ok_or(io::ErrorKind::InvalidData)?;
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// `utime`, `stime`, `cutime` and `cstime` of proc_pid_stat(5), added up. The program's name may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().skip(11).take(4).collect();
    if fields.len() < 4 {
        return None;
    }
    fields.iter().map(|field| field.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_ticks_are_added_up_whatever_the_name() {
        assert_eq!(ticks("7 (a) b) Z 1 7 7 0 -1 4 9 0 0 0 10 20 3 4 20 0 1 0"), Some(37));
        assert_eq!(ticks("7 (a"), None);
    }

    #[test]
    fn a_program_that_computes_is_seen_to() {
        let busy = "i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done";
        let seen = weighed(Command::new("sh").arg("-c").arg(busy)).unwrap();
        assert!(seen.timed.held && seen.cpu > Duration::ZERO && seen.peak > 0, "{seen:?}");
    }
}
