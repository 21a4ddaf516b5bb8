//! The Debian that the image stands on: named, at hand, pulled, or bootstrapped, in this order.

use std::time::Duration;

use futures_util::TryStreamExt;
use testcontainers::bollard::query_parameters::CreateImageOptionsBuilder;

use super::attempt::Attempt;
use super::engine::causes;
use super::image_options::{ImageOptions, id_of};
use super::{Engine, MissingPrerequisite, bootstrap};

/// How long a registry may take to answer at all. Where none can be reached, every first run waits for this.
const REGISTRY_ANSWERS: Duration = Duration::from_secs(10);

/// How long a pull that has begun may show no progress.
const PULL_MOVES: Duration = Duration::from_secs(120);

/// A base image on the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    /// The name to build on.
    pub(super) reference: String,
    /// The engine's name for its content: names are moved, contents are not.
    pub(super) id: String,
}

/// The base if the engine has it already; costs a look or two.
pub(super) fn at_hand(engine: &Engine, options: &ImageOptions) -> Result<Option<Base>, MissingPrerequisite> {
    let names = match options.base() {
        Some(named) => vec![named],
        None => vec![options.pull(), bootstrap::name(options.flavour, &options.namespace())],
    };
    for reference in names {
        if let Some(id) = id_of(engine, &reference)? {
            return Ok(Some(Base { reference, id }));
        }
    }
    Ok(None)
}

/// The base, fetched or made where the engine does not have it. One that was named is had or is an error: nobody
/// who names an image wants another.
pub(super) fn obtain(
    engine: &Engine,
    options: &ImageOptions,
    say: &dyn Fn(&str),
) -> Result<Base, MissingPrerequisite> {
    if let Some(base) = at_hand(engine, options)? {
        return Ok(base);
    }
    if let Some(named) = options.base() {
        return pulled(engine, &named, say).map_err(|attempt| named_base_is_missing(&named, attempt));
    }
    let wanted = options.pull();
    let pull = match pulled(engine, &wanted, say) {
        Err(attempt) if attempt.full.is_none() => attempt,
        outcome => return outcome.map_err(|attempt| no_base(&wanted, [attempt])),
    };
    say(&format!("{wanted} cannot be pulled ({})", pull.said));
    bootstrapped(engine, options, say).map_err(|attempt| no_base(&wanted, [pull, attempt]))
}

fn bootstrapped(engine: &Engine, options: &ImageOptions, say: &dyn Fn(&str)) -> Result<Base, Attempt> {
    let reference = bootstrap::name(options.flavour, &options.namespace());
    bootstrap::bootstrap(engine, options.flavour, &reference, say)?;
    on_the_engine(engine, reference)
}

fn pulled(engine: &Engine, reference: &str, say: &dyn Fn(&str)) -> Result<Base, Attempt> {
    say(&format!("pulling {reference}"));
    engine.block_on(pull(engine, reference)).map_err(Attempt::new)?;
    on_the_engine(engine, reference.to_owned())
}

fn on_the_engine(engine: &Engine, reference: String) -> Result<Base, Attempt> {
    match id_of(engine, &reference) {
        Ok(Some(id)) => Ok(Base { reference, id }),
        Ok(None) => Err(Attempt::new(format!("{reference} was created, but is gone"))),
        Err(lacks) => Err(Attempt::new(lacks.what)),
    }
}

/// Neither pulling nor bootstrapping, tried in this order, led to a base.
fn no_base(wanted: &str, attempts: impl IntoIterator<Item = Attempt>) -> MissingPrerequisite {
    let mut lacks = MissingPrerequisite::new("no base image is available for the containers")
        .tried(format!("a local image {wanted}: not found"));
    let ways = [format!("to pull {wanted}"), "to bootstrap one with mmdebstrap".to_owned()];
    for (way, attempt) in ways.iter().zip(attempts) {
        if let Some(full) = attempt.full {
            return full;
        }
        lacks = lacks.tried(format!("{way}: {}", attempt.said));
        lacks.remedies.extend(attempt.remedies);
    }
    lacks
        .remedy(format!(
            "connect the engine to a registry that has {wanted}, or name an image that it can pull in \
             CODEX_REMOTE_AUTH_PULL_IMAGE"
        ))
        .remedy(
            "name a local image of Debian 12 in CODEX_REMOTE_AUTH_BASE_IMAGE; `docker load` or `docker import` \
             adds one",
        )
}

fn named_base_is_missing(named: &str, attempt: Attempt) -> MissingPrerequisite {
    attempt.full.unwrap_or_else(|| {
        MissingPrerequisite::new(format!("the base image {named} is not available"))
            .tried(format!("a local image {named}: not found"))
            .tried(format!("to pull it: {}", attempt.said))
            .remedy(format!("if the registry needs credentials, run docker pull {named} with them"))
            .remedy(
                "name another image in CODEX_REMOTE_AUTH_BASE_IMAGE, or none to let a base image be found",
            )
    })
}

async fn pull(engine: &Engine, reference: &str) -> Result<(), String> {
    let options = CreateImageOptionsBuilder::new().from_image(&with_tag(reference)).build();
    let mut progress = std::pin::pin!(engine.patient().create_image(Some(options), None, None));
    let mut patience = REGISTRY_ANSWERS;
    loop {
        match tokio::time::timeout(patience, progress.try_next()).await {
            Ok(Ok(Some(_))) => patience = PULL_MOVES,
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(causes(&error)),
            Err(_) => return Err(format!("no data came for {} s", patience.as_secs())),
        }
    }
}

/// The reference with a tag: without one, an engine asked over its interface pulls every tag there is.
fn with_tag(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    if last.contains([':', '@']) { reference.to_owned() } else { format!("{reference}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reference_without_a_tag_is_given_one() {
        assert_eq!(with_tag("debian"), "debian:latest");
        assert_eq!(with_tag("127.0.0.1:5000/debian"), "127.0.0.1:5000/debian:latest");
        assert_eq!(with_tag("127.0.0.1:5000/debian:12"), "127.0.0.1:5000/debian:12");
        assert_eq!(with_tag("debian@sha256:00"), "debian@sha256:00");
    }

    #[test]
    fn a_named_base_that_is_missing_says_where_it_was_looked_for() {
        let lacks = named_base_is_missing("mine:1", Attempt::new("refused"));
        let text = lacks.to_string();
        assert!(text.contains("the base image mine:1 is not available"), "{text}");
        assert!(text.contains("to pull it: refused"), "{text}");
    }

    #[test]
    fn a_full_disk_is_told_apart_from_a_way_that_led_nowhere() {
        assert!(Attempt::new("write: no space left on device").full.is_some());
        assert!(Attempt::new("connection refused").full.is_none());
    }
}
