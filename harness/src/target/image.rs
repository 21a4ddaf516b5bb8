//! The image that containers start from, built where it is not there yet.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;

use futures_util::TryStreamExt;
use testcontainers::bollard::body_full;
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::query_parameters::{BuildImageOptionsBuilder, RemoveImageOptionsBuilder};

use super::base::{self, Base};
use super::bootstrap::Contents;
use super::engine::causes;
pub use super::image_options::ImageOptions;
use super::image_options::{id_of, variable};
use super::refusal::{last_lines, no_space};
use super::run_lock::shared_lock;
use super::{Engine, Flavour, MissingPrerequisite};

/// An image on the engine: `name:tag`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef(String);

impl ImageRef {
    fn on(base: &Base, options: &ImageOptions) -> Self {
        Self(format!("{}/{}:{}", options.namespace(), options.flavour, options.flavour.tag_on(&base.id)))
    }

    /// Its name and its tag.
    pub fn name_and_tag(&self) -> (&str, &str) {
        self.0.rsplit_once(':').unwrap_or((&self.0, "latest"))
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The image, built if it is not there. Its tag carries a hash of all that went into it, so a second call builds
/// nothing; one process builds at a time, and the others wait and then find it.
///
/// # Errors
/// [`MissingPrerequisite`] where no base image can be had, with everything that was tried; where the build fails; where there is
/// no space.
pub fn ensure(
    engine: &Engine,
    options: &ImageOptions,
    say: &dyn Fn(&str),
) -> Result<ImageRef, MissingPrerequisite> {
    if let Some(base) = base::at_hand(engine, options)? {
        let image = ImageRef::on(&base, options);
        if id_of(engine, &image.0)?.is_some() {
            return Ok(image);
        }
    }
    let _lock = one_at_a_time(say)?;
    let base = base::obtain(engine, options, say)?;
    let image = ImageRef::on(&base, options);
    if id_of(engine, &image.0)?.is_none() {
        build(engine, options.flavour, &base, &image, say)?;
    }
    Ok(image)
}

/// The base image alone, as [`ensure`] would have it: `name:tag`.
///
/// # Errors
/// [`MissingPrerequisite`] with everything that was tried.
pub fn ensure_base(
    engine: &Engine,
    options: &ImageOptions,
    say: &dyn Fn(&str),
) -> Result<String, MissingPrerequisite> {
    let _lock = one_at_a_time(say)?;
    base::obtain(engine, options, say).map(|base| base.reference)
}

/// A minimal Debian of this suite with these packages and nothing of the project, bootstrapped where the engine does not have it.
///
/// # Errors
/// [`MissingPrerequisite`] if it cannot be bootstrapped.
pub fn ensure_bare(
    engine: &Engine,
    suite: &str,
    packages: &[&str],
    say: &dyn Fn(&str),
) -> Result<ImageRef, MissingPrerequisite> {
    let contents = Contents { suite, packages: packages.join(",") };
    let image = ImageRef(contents.name(&ImageOptions::default().namespace(), "bare"));
    let _lock = one_at_a_time(say)?;
    if id_of(engine, &image.0)?.is_none() {
        contents.bootstrap(engine, &image.0, say).map_err(|attempt| {
            attempt.full.clone().unwrap_or_else(|| {
                let what = format!("a minimal Debian {suite} cannot be bootstrapped with mmdebstrap");
                let lacks = MissingPrerequisite::new(what).tried(attempt.said);
                attempt.remedies.into_iter().fold(lacks, MissingPrerequisite::remedy)
            })
        })?;
    }
    Ok(image)
}

/// The right to build.
fn one_at_a_time(say: &dyn Fn(&str)) -> Result<File, MissingPrerequisite> {
    shared_lock("image.lock", || say("waiting for another run that is making the image"))
}

fn build(
    engine: &Engine,
    flavour: Flavour,
    base: &Base,
    image: &ImageRef,
    say: &dyn Fn(&str),
) -> Result<(), MissingPrerequisite> {
    say(&format!("building the image {image} on {}", base.reference));
    let failed = |said: &str| {
        let what = format!("the image cannot be built on {}", base.reference);
        no_space(said).unwrap_or_else(|| {
            MissingPrerequisite::new(what)
                .tried(last_lines(said, 12))
                .remedy(
                    "use a base of Debian or Ubuntu that already has the packages, or whose apt can reach them",
                )
                .remedy("behind a proxy, set http_proxy; the build uses it")
        })
    };
    let archive = flavour.context().map_err(|error| failed(&error.to_string()))?;
    let mut arguments = HashMap::from([("BASE".to_owned(), base.reference.clone())]);
    arguments.extend(proxies());
    let settings = BuildImageOptionsBuilder::new()
        .dockerfile("Dockerfile")
        .t(&image.0)
        .buildargs(&arguments)
        .rm(true)
        .forcerm(true)
        .build();

    let mut log = String::new();
    let docker = engine.patient();
    let outcome = engine.block_on(async {
        let mut steps = std::pin::pin!(docker.build_image(settings, None, Some(body_full(archive.into()))));
        while let Some(step) = steps.try_next().await? {
            let said = step.stream.unwrap_or_default();
            if said.starts_with("Step ") {
                say(&format!("building the image: {}", said.trim()));
            }
            log.push_str(&said);
        }
        Ok::<_, EngineError>(())
    });
    outcome.map_err(|error| {
        discard(engine, &log);
        failed(&format!("{log}\n{}", causes(&error)))
    })
}

/// Removes what the finished steps of a failed build left: images that have no name, which nothing else would find.
fn discard(engine: &Engine, log: &str) {
    let steps: Vec<&str> = log.lines().filter_map(|line| line.trim().strip_prefix("---> ")).collect();
    // The first is the base. Its name may be all that keeps it, so nothing is removed but what is named here.
    let made = steps.iter().skip(1).rev().filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    for id in made {
        let options = RemoveImageOptionsBuilder::new().noprune(true).build();
        let _ = engine.block_on(engine.docker().remove_image(id, Some(options), None));
    }
}

/// The proxies of this process, for apt in the build; the engine knows these names and keeps them out of the image.
fn proxies() -> impl Iterator<Item = (String, String)> {
    ["http_proxy", "https_proxy", "no_proxy"].into_iter().filter_map(|name| {
        let value = variable(name).or_else(|| variable(&name.to_uppercase()))?;
        Some((name.to_owned(), value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_named_for_its_flavour_and_its_inputs() {
        let base = Base { reference: "debian:bookworm-slim".to_owned(), id: "sha256:1".to_owned() };
        let image = ImageRef::on(&base, &ImageOptions::default());
        let (name, tag) = image.name_and_tag();
        assert_eq!(name, "codex-remote-auth/openssh-bookworm");
        assert_eq!(tag.len(), 12);
        let elsewhere = ImageOptions { namespace: Some("other".to_owned()), ..ImageOptions::default() };
        assert_eq!(ImageRef::on(&base, &elsewhere).to_string(), format!("other/openssh-bookworm:{tag}"));
    }
}
