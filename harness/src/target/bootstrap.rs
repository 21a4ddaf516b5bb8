//! A Debian made on this machine out of Debian's packages, for engines that reach no registry.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use futures_util::{TryStreamExt, stream};
use testcontainers::bollard::body_try_stream;
use testcontainers::bollard::query_parameters::{
    CreateImageOptionsBuilder, RemoveImageOptionsBuilder, TagImageOptionsBuilder,
};

use super::attempt::Attempt;
use super::engine::causes;
use super::refusal::last_lines;
use super::{Engine, Flavour, flavour};

/// What mmdebstrap is told beside the packages. A change here makes another image.
const VARIANT: &str = "--variant=minbase";

/// What apt installs on a machine without mmdebstrap; Ubuntu's does not bring Debian's keys.
const WANTED: [&str; 2] = ["mmdebstrap", "debian-archive-keyring"];

/// What a bootstrapped Debian consists of.
#[derive(Debug)]
pub(super) struct Contents<'a> {
    /// The Debian release.
    pub(super) suite: &'a str,
    /// The packages beside a minimal Debian, separated by commas.
    pub(super) packages: String,
}

impl Contents<'_> {
    /// The Debian that the image stands on. All that the image needs goes in at once, so that no apt has to run in the build after it.
    fn of_the_base(flavour: Flavour) -> Self {
        let packages = flavour.packages().collect::<Vec<_>>().join(",");
        Self { suite: flavour.suite(), packages }
    }

    /// The name of the bootstrapped image, for what would go into it now.
    pub(super) fn name(&self, namespace: &str, kind: &str) -> String {
        let tag = flavour::digest([self.suite, VARIANT, &self.packages].map(str::as_bytes));
        format!("{namespace}/{kind}-{}:{tag}", self.suite)
    }

    /// Makes the image of that name.
    pub(super) fn bootstrap(&self, engine: &Engine, name: &str, say: &dyn Fn(&str)) -> Result<(), Attempt> {
        let Some(mmdebstrap) = mmdebstrap(say)? else {
            return Err(Attempt::new(
                "it is not installed, and can be installed automatically only as root on Debian or Ubuntu",
            )
            .remedy(format!("sudo apt-get install {} uidmap", WANTED.join(" "))));
        };
        let suite = self.suite;
        let what = format!("bootstrapping Debian {suite} with mmdebstrap, about half a minute");
        say(&what);
        // A file without a name: however this process ends, it is gone.
        let unwritable =
            |error: std::io::Error| Attempt::new(format!("a temporary file cannot be used: {error}"));
        let mut archive = tempfile::tempfile().map_err(unwritable)?;
        let into = archive.try_clone().map_err(unwritable)?;
        let mut command = Command::new(mmdebstrap);
        command.args([VARIANT, "--format=tar"]);
        if !self.packages.is_empty() {
            command.arg(format!("--include={}", self.packages));
        }
        command.args([suite, "-"]);
        run(command.stdout(into), &|line| {
            if let Some(step) = line.strip_prefix("I: ") {
                say(&format!("{what}: {step}"));
            }
        })
        .map_err(|attempt| {
            attempt.remedy(
                "give this machine access to Debian's package servers; behind a proxy, set http_proxy",
            )
        })?;
        archive.rewind().map_err(unwritable)?;
        say("importing it into the container engine");
        engine.block_on(import(engine, archive, name)).map_err(Attempt::new)
    }
}

/// The name of the bootstrapped base image, for what would go into it now.
pub(super) fn name(flavour: Flavour, namespace: &str) -> String {
    Contents::of_the_base(flavour).name(namespace, "base")
}

/// Makes the base image of that name.
pub(super) fn bootstrap(
    engine: &Engine,
    flavour: Flavour,
    name: &str,
    say: &dyn Fn(&str),
) -> Result<(), Attempt> {
    Contents::of_the_base(flavour).bootstrap(engine, name, say)
}

/// Where mmdebstrap is, after installing it where that is for us to do.
fn mmdebstrap(say: &dyn Fn(&str)) -> Result<Option<PathBuf>, Attempt> {
    if let Some(path) = program("mmdebstrap") {
        return Ok(Some(path));
    }
    let Some(apt) = program("apt-get").filter(|_| rustix::process::geteuid().is_root()) else {
        return Ok(None);
    };
    say(&format!("installing {0} with apt: apt-get update && apt-get install {0}", WANTED.join(" ")));
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new(&apt);
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        run(&mut command, &|_| {})
            .map_err(|attempt| attempt.remedy(format!("apt-get install {}", WANTED.join(" "))))
    };
    // One broken list among many fails the update and hides nothing of what we want.
    let updated = apt_get(&["update", "-q"]);
    let mut arguments = vec!["install", "-q", "-y", "--no-install-recommends"];
    arguments.extend(WANTED);
    apt_get(&arguments).map_err(|attempt| updated.err().unwrap_or(attempt))?;
    Ok(program("mmdebstrap"))
}

/// Finds a program as a shell would.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// Runs a program, and passes on each line of its standard error as it comes.
fn run(command: &mut Command, hear: &dyn Fn(&str)) -> Result<(), Attempt> {
    let name = command.get_program().to_owned();
    let name = std::path::Path::new(&name)
        .file_name()
        .map_or_else(String::new, |name| OsStr::to_string_lossy(name).into_owned());
    let failed = |error: std::io::Error| Attempt::new(format!("{name} cannot be run: {error}"));
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let mut said = String::new();
    for line in child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
        let line = line.map_err(failed)?;
        let line = String::from_utf8_lossy(&line);
        hear(&line);
        said.push_str(&line);
        said.push('\n');
    }
    let status = child.wait().map_err(failed)?;
    if status.success() {
        return Ok(());
    }
    let mut attempt = Attempt::new(said.as_str());
    attempt.said = format!("{name} ended with {status}: {}", last_lines(&said, 6));
    Err(attempt)
}

/// Imports the archive under this name. Podman 4 takes the repository of the name and forgets the tag, so the name is given
/// again to the image that the answer names.
async fn import(engine: &Engine, archive: File, name: &str) -> Result<(), String> {
    let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
    let options = CreateImageOptionsBuilder::new().from_src("-").repo(repository).tag(tag).build();
    let chunks = stream::try_unfold(archive, |mut archive| async move {
        let mut chunk = vec![0; 1 << 18];
        let count = archive.read(&mut chunk)?;
        chunk.truncate(count);
        Ok::<_, std::io::Error>((count > 0).then(|| (chunk.into(), archive)))
    });
    let body = body_try_stream(chunks);
    let docker = engine.patient();
    let mut progress = std::pin::pin!(docker.create_image(Some(options), Some(body), None));
    let mut id = None;
    while let Some(step) = progress.try_next().await.map_err(|error| causes(&error))? {
        id = step.status.filter(|status| is_id(status)).or(id);
    }
    if docker.inspect_image(name).await.is_ok() {
        return Ok(());
    }
    let id = id.ok_or("the engine imported it and did not name it")?;
    let options = TagImageOptionsBuilder::new().repo(repository).tag(tag).build();
    docker.tag_image(&id, Some(options)).await.map_err(|error| causes(&error))?;
    // Only a name: the image has the right one now.
    let options = RemoveImageOptionsBuilder::new().noprune(true).build();
    let _ = docker.remove_image(&format!("{repository}:latest"), Some(options), None).await;
    Ok(())
}

/// Whether an engine's answer is the ID of an image. Podman leaves out the kind of the digest.
fn is_id(answer: &str) -> bool {
    let digits = answer.trim().strip_prefix("sha256:").unwrap_or(answer.trim());
    digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_what_went_in() {
        let name = name(Flavour::default(), "codex-remote-auth");
        let (repository, tag) = name.rsplit_once(':').unwrap();
        assert_eq!(repository, "codex-remote-auth/base-bookworm");
        assert_eq!(tag.len(), 12);
    }

    #[test]
    fn a_program_that_fails_is_told_with_what_it_said_last() {
        let attempt =
            run(Command::new("sh").args(["-c", "echo first; echo the reason >&2; exit 3"]), &|_| {})
                .unwrap_err();
        assert!(attempt.said.starts_with("sh ended with exit status: 3: the reason"), "{}", attempt.said);
        let attempt = run(&mut Command::new("/nowhere/at-all"), &|_| {}).unwrap_err();
        assert!(attempt.said.contains("at-all cannot be run"), "{}", attempt.said);
    }

    #[test]
    fn each_line_is_heard_as_it_comes() {
        let heard = std::cell::RefCell::new(Vec::new());
        let hear = |line: &str| heard.borrow_mut().push(line.to_owned());
        run(Command::new("sh").args(["-c", "echo 'I: one' >&2; echo two >&2"]), &hear).unwrap();
        assert_eq!(heard.into_inner(), ["I: one", "two"]);
    }

    #[test]
    fn an_id_is_told_from_progress() {
        let digits = "0ae2952a87923d70f036716c235f51c0703e940eceb871fc8afffb6277455e93";
        assert!(is_id(digits));
        assert!(is_id(&format!("sha256:{digits}")));
        for other in ["", "sha256:", "Importing", &digits[1..]] {
            assert!(!is_id(other), "{other}");
        }
    }

    #[test]
    fn a_program_that_finds_the_disk_full_says_so() {
        let attempt = run(
            Command::new("sh").args(["-c", "echo 'tar: write: No space left on device' >&2; exit 2"]),
            &|_| {},
        );
        assert!(attempt.unwrap_err().full.is_some());
    }
}
