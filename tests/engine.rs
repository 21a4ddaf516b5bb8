//! If there is no container engine, the message says why and what to do, for each reason.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;

use harness::target::{Engine, MissingPrerequisite};
use tests::{started, subprocess};

fn lacks(host: &str, name: &str, check: impl FnOnce(&MissingPrerequisite)) {
    subprocess::run(name, &[("DOCKER_HOST", host)], || check(&Engine::connect().unwrap_err()));
}

#[test]
fn a_socket_that_is_not_there_is_named_with_the_variable_that_named_it() {
    lacks(
        "unix:///nowhere/docker.sock",
        "a_socket_that_is_not_there_is_named_with_the_variable_that_named_it",
        |lacks| {
            assert!(lacks.what.contains("no container engine was found at DOCKER_HOST"), "{lacks}");
            assert!(lacks.tried[0].contains("/nowhere/docker.sock"), "{lacks}");
            assert!(lacks.remedies[0].contains("unset it"), "{lacks}");
        },
    );
}

#[test]
fn a_socket_on_which_nobody_listens_is_a_stopped_engine() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    drop(UnixListener::bind(&socket).unwrap());
    let host = format!("unix://{}", socket.display());
    lacks(&host, "a_socket_on_which_nobody_listens_is_a_stopped_engine", |lacks| {
        assert!(lacks.what.contains("refuses the connection"), "{lacks}");
        assert!(lacks.tried[0].contains("refused"), "{lacks}");
    });
}

#[test]
fn a_port_on_which_nobody_listens_refuses() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    lacks(&format!("tcp://127.0.0.1:{port}"), "a_port_on_which_nobody_listens_refuses", |lacks| {
        assert!(lacks.what.contains("refuses the connection"), "{lacks}");
        assert!(lacks.remedies.iter().any(|remedy| remedy.contains("DOCKER_HOST")), "{lacks}");
    });
}

#[test]
fn a_socket_that_this_account_may_not_use_leads_to_the_group() {
    let name = "a_socket_that_this_account_may_not_use_leads_to_the_group";
    if subprocess::is_child() {
        let lacks = Engine::connect().unwrap_err();
        assert!(lacks.what.contains("no permission to use the container engine"), "{lacks}");
        assert!(lacks.remedies[0].contains("usermod -aG docker"), "{lacks}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    mode(folder.path(), 0o755);
    let socket = folder.path().join("docker.sock");
    let _listening = UnixListener::bind(&socket).unwrap();
    mode(&socket, 0o000);

    let host = format!("unix://{}", socket.display());
    let mut command = subprocess::command(name, &[("DOCKER_HOST", &host)]);
    if rustix::process::geteuid().is_root() {
        // Root can use every socket, and another account may be unable to reach this program in its folder.
        let this = folder.path().join("this");
        std::fs::copy(std::env::current_exe().unwrap(), &this).unwrap();
        mode(&this, 0o755);
        command = subprocess::command_of(&this, name, &[("DOCKER_HOST", &host)]);
        command.uid(65_534).gid(65_534).current_dir("/");
    }
    let output = started::output(&mut command);
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
}

#[test]
fn an_engine_that_takes_the_call_and_says_nothing_is_given_up_on() {
    let listening = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("tcp://{}", listening.local_addr().unwrap());
    lacks(&host, "an_engine_that_takes_the_call_and_says_nothing_is_given_up_on", |lacks| {
        assert!(lacks.what.contains("does not answer"), "{lacks}");
        assert!(lacks.tried[0].contains("no answer within"), "{lacks}");
    });
}

#[test]
fn an_engine_behind_ssh_is_refused_with_the_reason() {
    lacks("ssh://somewhere", "an_engine_behind_ssh_is_refused_with_the_reason", |lacks| {
        assert!(lacks.what.contains("not the ports of its containers"), "{lacks}");
        assert!(lacks.remedies[0].contains("on the machine that has the engine"), "{lacks}");
    });
}

#[test]
fn the_engine_of_this_machine_answers() {
    Engine::connect().unwrap_or_else(|lacks| panic!("{lacks}"));
}
