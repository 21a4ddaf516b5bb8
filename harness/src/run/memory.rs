//! How many real codex programs fit into this machine's memory in parallel.

/// The memory for one call of a real Codex, in KiB: about 190 MB, measured on 0.163.0, and room for the answer.
const ONE_CALL: u64 = 230 * 1024;

/// How many calls of a real codex fit into the free memory. At least one, so that a run is possible.
pub fn real_calls_in_memory() -> usize {
    // Other systems than Linux do not report their memory. There it sets no limit.
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    available(&text)
        .map_or(usize::MAX, |free| usize::try_from((free / ONE_CALL).max(1)).unwrap_or(usize::MAX))
}

/// `MemAvailable` in KiB.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_figure_is_read() {
        assert_eq!(available("MemTotal: 1 kB\nMemAvailable:   24000000 kB\n"), Some(24_000_000));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
    }
}
