//! The container engine, found as testcontainers finds it, with an error for each way in which it is not there.

use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::core::client::docker_client_instance;
use tokio::runtime::Runtime;

use super::Lacks;

/// How long an engine may take to answer at all.
const ANSWER: Duration = Duration::from_secs(10);

/// A container engine that answers.
#[derive(Debug)]
pub struct Engine {
    runtime: Runtime,
    docker: Docker,
    local: bool,
}

impl Engine {
    /// Finds the engine by `DOCKER_HOST`, the usual sockets and Docker's own settings, and asks whether it is there.
    ///
    /// # Errors
    /// [`Lacks`], with the remedy for what is wrong with it.
    pub fn connect() -> Result<Self, Lacks> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Lacks::new(format!("no thread can be started: {error}")))?;
        let host = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
        let found = runtime.block_on(async {
            let docker = docker_client_instance().await.map_err(|error| causes(&error))?;
            match tokio::time::timeout(ANSWER, docker.ping()).await {
                Ok(Ok(_)) => Ok(docker),
                Ok(Err(error)) => Err(causes(&error)),
                Err(_) => Err(format!("no answer within {} s", ANSWER.as_secs())),
            }
        });
        let local = host.as_ref().is_none_or(|host| host.starts_with("unix:"));
        match found {
            Ok(docker) => Ok(Self { runtime, docker, local }),
            Err(said) => Err(lacks(&said, host.as_deref())),
        }
    }

    /// Waits for what the engine does.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The engine's own interface.
    pub fn docker(&self) -> &Docker {
        &self.docker
    }

    /// Whether it is reached by a socket on this machine.
    pub fn is_local(&self) -> bool {
        self.local
    }
}

/// What a person can do about an engine that did not answer.
fn lacks(said: &str, host: Option<&str>) -> Lacks {
    let lower = said.to_lowercase();
    let place = host.map_or("the usual sockets".to_owned(), |host| format!("DOCKER_HOST={host}"));
    let lacks = |what: &str| Lacks::new(what).tried(format!("{place}: {said}"));
    if lower.contains("permission denied") {
        return lacks("the container engine is there, and this account may not use it")
            .remedy("add the account to the group: sudo usermod -aG docker \"$USER\", then log in again");
    }
    if lower.contains("no such file") || lower.contains("not found") || lower.contains("socket") {
        let lacks = lacks("no container engine is there");
        return match host {
            Some(_) => lacks.remedy("correct DOCKER_HOST, or unset it to use the engine on this machine"),
            None => lacks
                .remedy("install one: apt-get install docker.io, or Docker Desktop")
                .remedy("start it: sudo systemctl start docker")
                .remedy("point DOCKER_HOST at one elsewhere"),
        };
    }
    if lower.contains("no answer within") {
        return lacks("the container engine does not answer").remedy("restart it: sudo systemctl restart docker");
    }
    lacks("the container engine refuses the connection")
        .remedy("start it: sudo systemctl start docker, or open Docker Desktop")
        .remedy("check DOCKER_HOST")
}

/// An error with its causes: what really happened is at the end of the chain.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_not_being_there_has_its_own_remedy() {
        let remedy = |said, host| lacks(said, host).to_string();
        assert!(remedy("Permission denied (os error 13)", None).contains("usermod -aG docker"));
        assert!(remedy("No such file or directory (os error 2)", None).contains("systemctl start docker"));
        assert!(remedy("No such file or directory", Some("unix:///nowhere")).contains("unset it"));
        assert!(remedy("Connection refused (os error 111)", Some("tcp://127.0.0.1:1")).contains("check DOCKER_HOST"));
        assert!(remedy("no answer within 10 s", None).contains("restart"));
    }
}
