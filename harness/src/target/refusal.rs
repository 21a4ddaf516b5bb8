//! Turns the engine's refusals into what a person can do.

use super::MissingPrerequisite;

/// The error for a refusal of the engine.
pub(super) fn refused(doing: &str, said: &str) -> MissingPrerequisite {
    no_space(said).unwrap_or_else(|| {
        MissingPrerequisite::new(format!("the container engine would not {doing}: {said}"))
            .remedy("`docker info` says how the engine is; `journalctl -u docker` has its log")
    })
}

/// The error for a full disk, which every part of the engine reports differently. `None` for anything else.
pub(super) fn no_space(said: &str) -> Option<MissingPrerequisite> {
    let lower = said.to_lowercase();
    if !lower.contains("no space left") && !lower.contains("enospc") && !lower.contains("disk quota exceeded")
    {
        return None;
    }
    let lacks = MissingPrerequisite::new("there is no space left for the image; it needs about 1 GB")
        .tried(last_lines(said, 3))
        .remedy("`docker system df` says what takes the engine's space; `docker system prune` frees it")
        .remedy("where the temporary folder is full, set TMPDIR to a roomier one");
    Some(lacks)
}

/// The last lines of a long text, where the reason is.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_said_as_one_wherever_it_shows() {
        for said in [
            "write /usr/bin/git: no space left on device",
            "E: You don't have enough free space\nNo space left on device (os error 28)",
            "Disk quota exceeded (os error 122)",
        ] {
            let lacks = refused("import the base image", said);
            assert!(lacks.what.contains("no space left"), "{said}: {lacks}");
            assert!(lacks.remedies.iter().any(|remedy| remedy.contains("docker system prune")));
        }
    }

    #[test]
    fn another_refusal_keeps_the_engines_words() {
        assert!(
            refused("look for an image", "server error")
                .to_string()
                .contains("look for an image: server error")
        );
    }

    #[test]
    fn the_last_lines_are_those_that_say_something() {
        assert_eq!(last_lines("one\n\ntwo \n three\n\n", 2), "two\n     three");
        assert_eq!(last_lines("", 2), "");
    }
}
