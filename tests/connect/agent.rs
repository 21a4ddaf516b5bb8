//! Keys in an SSH agent.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use tests::account::RemoteAccount;
use tests::home::Home;

use crate::Case;
use crate::answers::Answers;
use crate::server::Server;
use crate::ssh_agent::SshAgent;
use crate::support::{Connects, Rig, says};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        the_tenth_key_of_ten_is_tried,
        too_many_keys_say_how_to_name_the_right_one,
        a_named_key_goes_first,
        a_public_half_picks_the_agents_key,
        every_type_of_key_signs,
        a_variable_names_the_agent,
        none_is_no_agent,
        an_agent_that_never_signs_ends_at_the_deadline,
        a_key_that_the_agent_does_not_sign_with_is_said,
    ]
}

/// A server that an account is reached through, and an agent with this many keys, of which only the last is accepted.
fn ten<'r>(rig: &'r Rig, most: &str, count: usize) -> (Home<'r>, SshAgent, Server, RemoteAccount<'r>) {
    let home = rig.home();
    let (server, account) = (rig.server(&[&format!("MaxAuthTries={most}")]), rig.account().make());
    let agent = SshAgent::start(&home);
    for number in 1..=count {
        let public = home.key(&format!("key{number}"), &["ed25519"]);
        agent.add(&home.path(&format!("key{number}")));
        if number == count {
            rig.let_in(&account, &public);
        }
        std::fs::remove_file(home.path(&format!("key{number}"))).unwrap();
    }
    home.know(&server.lines());
    // So that no other key is accepted.
    std::fs::remove_file(home.path("id")).unwrap();
    (home, agent, server, account)
}

fn the_tenth_key_of_ten_is_tried(rig: &Rig) {
    let (home, _agent, server, account) = ten(rig, "20", 10);
    home.configure(&format!("Host box\n{}  IdentityAgent DIR/agent\n", server.settings(&account)));
    let session = home.connect("box", &Answers::default()).unwrap();
    assert_eq!(says(&session, "id -un"), account.name);
}

fn too_many_keys_say_how_to_name_the_right_one(rig: &Rig) {
    let (home, _agent, server, account) = ten(rig, "6", 10);
    home.configure(&format!("Host box\n{}  IdentityAgent DIR/agent\n", server.settings(&account)));
    let problem = rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-login-refused",
        &[
            &server.host,
            "too many tries for the server",
            "IdentitiesOnly",
            "-i",
            "nothing was sent",
            "(key1)",
            "(key6)",
        ],
    );
    assert!(!problem.to_string().contains("(key9)"), "it was not tried: {problem}");
}

fn a_named_key_goes_first(rig: &Rig) {
    // One of each type, since the public half is read from a different form in each.
    for kind in [["ed25519", "-a1"], ["ecdsa", "-b384"], ["rsa", "-b2048"]] {
        let (home, agent, server, account) = ten(rig, "2", 4);
        let public = home.key("named", &kind);
        rig.let_in(&account, &public);
        agent.add(&home.path("named"));
        std::fs::remove_file(home.path("named.pub")).unwrap();
        home.configure(&format!(
            "Host box\n{}  IdentityAgent DIR/agent\n  IdentityFile DIR/named\n",
            server.settings(&account)
        ));
        home.connect("box", &Answers::default()).unwrap();
    }
}

fn a_public_half_picks_the_agents_key(rig: &Rig) {
    let (home, _agent, server, account) = ten(rig, "2", 5);
    for name in ["key5", "key5.pub"] {
        home.configure(&format!(
            "Host box\n{}  IdentityAgent DIR/agent\n  IdentitiesOnly yes\n  IdentityFile DIR/{name}\n",
            server.settings(&account)
        ));
        home.connect("box", &Answers::default()).unwrap();
    }
    home.configure(&format!(
        "Host box\n{}  IdentityAgent DIR/agent\n  IdentitiesOnly yes\n  IdentityFile DIR/key1.pub\n",
        server.settings(&account)
    ));
    let problem = rig.problem(home.connect("box", &Answers::default()), "ssh-login-refused", &["(key1)"]);
    assert!(!problem.to_string().contains("(key5)"), "{problem}");
}

fn every_type_of_key_signs(rig: &Rig) {
    for kind in [["ecdsa", "-b256"], ["ecdsa", "-b521"], ["rsa", "-b3072"]] {
        let (home, server, account) = (rig.home(), rig.server(&[]), rig.account().make());
        let agent = SshAgent::start(&home);
        rig.let_in(&account, &home.key("key", &kind));
        agent.add(&home.path("key"));
        std::fs::remove_file(home.path("id")).unwrap();
        home.know(&server.lines());
        home.configure(&format!("Host box\n{}  IdentityAgent DIR/agent\n", server.settings(&account)));
        home.connect("box", &Answers::default()).unwrap();
    }
}

fn a_variable_names_the_agent(rig: &Rig) {
    let (home, _agent, server, account) = ten(rig, "6", 1);
    let name = std::env::var("CARGO_PKG_NAME").unwrap();
    home.configure(&format!("Host box\n{}  IdentityAgent $CARGO_PKG_NAME\n", server.settings(&account)));
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-login-refused",
        &[&format!("agent at {name}")],
    );
    // A variable can also be only a part of the path.
    home.configure(&format!(
        "Host box\n{}  IdentityAgent ${{HOME}}/../../../..{}\n",
        server.settings(&account),
        home.path("agent").display()
    ));
    home.connect("box", &Answers::default()).unwrap();
}

fn none_is_no_agent(rig: &Rig) {
    let (home, _agent, server, account) = ten(rig, "6", 1);
    home.configure(&format!("Host box\n{}  IdentityAgent none\n", server.settings(&account)));
    rig.problem(home.connect("box", &Answers::default()), "ssh-login-refused", &["there was nothing to try"]);
}

/// An agent that has the keys of another, and answers a request for a signature with this, or not at all if it is empty.
fn reluctant(home: &Home<'_>, agent: &SshAgent, answer: &'static [u8]) {
    let listener = UnixListener::bind(home.path("reluctant")).unwrap();
    let behind = agent.socket.clone();
    std::thread::spawn(move || {
        let (mut asker, _) = listener.accept().unwrap();
        let mut agent = UnixStream::connect(behind).unwrap();
        let mut chunk = [0; 64 * 1024];
        for number in 0.. {
            let Ok(count @ 1..) = asker.read(&mut chunk) else { return };
            // A request is its length and then its kind; 11 asks for the keys. It may arrive in two parts.
            let signs = count > 4 && chunk[4] == 13 || chunk[0] == 13;
            if signs && !answer.is_empty() {
                asker.write_all(answer).unwrap();
            } else if !signs && number < 4 {
                agent.write_all(&chunk[..count]).unwrap();
                if count != 4 {
                    let count = agent.read(&mut chunk).unwrap();
                    asker.write_all(&chunk[..count]).unwrap();
                }
            }
        }
    });
}

fn an_agent_that_never_signs_ends_at_the_deadline(rig: &Rig) {
    let (home, agent, server, account) = ten(rig, "6", 1);
    reluctant(&home, &agent, b"");
    home.configure(&format!("Host box\n{}  IdentityAgent DIR/reluctant\n", server.settings(&account)));
    let began = Instant::now();
    rig.problem(
        home.connect_within("box", &Answers::default(), Duration::from_secs(3)),
        "ssh-timed-out",
        &[&server.host, "the agent's answer", "after 3 s"],
    );
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

fn a_key_that_the_agent_does_not_sign_with_is_said(rig: &Rig) {
    let (home, agent, server, account) = ten(rig, "6", 1);
    // SSH_AGENT_FAILURE, as if the person refused.
    reluctant(&home, &agent, &[0, 0, 0, 1, 5]);
    home.configure(&format!("Host box\n{}  IdentityAgent DIR/reluctant\n", server.settings(&account)));
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-login-refused",
        &[&server.host, "(key1) (it did not sign"],
    );
}
