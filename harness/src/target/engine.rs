//! The container engine, found as testcontainers finds it.

use std::error::Error;
use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::core::client::docker_client_instance;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

use super::MissingPrerequisite;
use super::no_engine::{self, Why};

/// How long an engine may take to answer at all.
const ANSWER: Duration = Duration::from_secs(10);

/// How long an engine that has answered before may take to answer again.
const STILL_THERE: Duration = Duration::from_secs(3);

/// How long an engine may be busy with one image before it says anything.
const BUSY: Duration = Duration::from_secs(600);

/// A container engine that answers.
#[derive(Debug)]
pub struct Engine {
    runtime: Runtime,
    docker: Docker,
    local: bool,
    kind: Kind,
}

/// What makes a difference between engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    podman: bool,
    /// It runs without root, in a network of its own that this machine does not reach.
    rootless: bool,
}

impl Engine {
    /// Finds the engine by `DOCKER_HOST` and the usual sockets, and asks whether it is there.
    ///
    /// # Errors
    /// [`MissingPrerequisite`], with the remedy for what is wrong with it.
    pub fn connect() -> Result<Self, MissingPrerequisite> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| MissingPrerequisite::new(format!("no thread can be started: {error}")))?;
        let host = std::env::var("DOCKER_HOST").ok();
        let lacks = |why: Why, said: String| no_engine::lacks(why, &said, host.as_deref());
        let answer = runtime.block_on(async {
            let docker = docker_client_instance()
                .await
                .map_err(|error| lacks(no_engine::why(&error), causes(&error)))?;
            match tokio::time::timeout(ANSWER, docker.ping()).await {
                Ok(Ok(_)) => match tokio::time::timeout(ANSWER, kind(&docker, host.as_deref())).await {
                    Ok(Ok(kind)) => Ok((docker, kind)),
                    Ok(Err(error)) => Err(lacks(no_engine::why(&error), causes(&error))),
                    Err(_) => Err(lacks(Why::Silent, format!("no answer within {} s", ANSWER.as_secs()))),
                },
                Ok(Err(error)) => Err(lacks(no_engine::why(&error), causes(&error))),
                Err(_) => Err(lacks(Why::Silent, format!("no answer within {} s", ANSWER.as_secs()))),
            }
        });
        let local = host.as_ref().is_none_or(|host| host.starts_with("unix:"));
        let (docker, kind) = answer?;
        Ok(Self { runtime, docker, local, kind })
    }

    /// Waits for what the engine does.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The engine's own interface.
    pub fn docker(&self) -> &Docker {
        &self.docker
    }

    /// The engine's own interface for work on images, about which an engine may be silent for minutes.
    pub(super) fn patient(&self) -> Docker {
        self.docker.clone().with_timeout(BUSY)
    }

    /// What to say instead of a failed call's own error, if the engine does not answer any more.
    pub(super) fn ended(&self) -> Option<MissingPrerequisite> {
        let said = match self.block_on(async { tokio::time::timeout(STILL_THERE, self.docker.ping()).await })
        {
            Ok(Ok(_)) => return None,
            Ok(Err(error)) => causes(&error),
            Err(_) => format!("no answer within {} s", STILL_THERE.as_secs()),
        };
        Some(no_engine::ended(&said))
    }

    /// Whether it is reached by a socket on this machine.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// Whether it is Podman.
    pub fn is_podman(&self) -> bool {
        self.kind.podman
    }

    /// Whether it runs without root.
    pub fn is_rootless(&self) -> bool {
        self.kind.rootless
    }
}

/// Asks an engine what it is. Docker names the program that lets it run without root among its parts. Podman does not, so
/// the system says who is at the other end of the socket.
async fn kind(docker: &Docker, host: Option<&str>) -> Result<Kind, EngineError> {
    let parts = docker.version().await?.components.unwrap_or_default();
    let has = |name: &str| parts.iter().any(|part| part.name == name);
    let is_roots = match host.and_then(|host| host.strip_prefix("unix://")) {
        Some(path) => UnixStream::connect(path).await.is_ok_and(|socket| belongs_to_root(&socket)),
        None => true,
    };
    Ok(Kind { podman: has("Podman Engine"), rootless: has("rootlesskit") || !is_roots })
}

fn belongs_to_root(socket: &UnixStream) -> bool {
    socket.peer_cred().is_ok_and(|peer| peer.uid() == 0)
}

/// An error with its causes: what really happened is at the end of the chain.
pub(super) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    text
}
