//! `ProxyJump`: the hosts on the way each have their own account, key and known hosts.

use std::time::{Duration, Instant};

use codex_remote_auth::ssh::{Deadline, SshOptions, Stdin, connect, resolve};
use harness::target::Account;
use tests::account::RemoteAccount;
use tests::home::Home;
use tests::running::within;

use crate::Case;
use crate::answers::Answers;
use crate::server::Server;
use crate::support::{Connects, LONG, Rig, says};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        through_two_hosts_with_an_account_and_a_key_each,
        by_the_command_line_with_accounts_and_ports,
        a_wrong_key_in_between_is_refused_and_named,
        a_new_key_in_between_is_asked_about_under_its_own_name,
        a_refused_login_in_between_is_named,
        a_jump_by_a_password_and_a_proxy_command,
        too_many_tries_are_said_through_a_jump_too,
        nothing_is_left_of_the_way_when_the_session_is_over,
        a_host_in_between_that_dies_is_a_lost_connection,
    ]
}

struct Way<'r> {
    home: Home<'r>,
    hops: [(Server, RemoteAccount<'r>); 3],
}

/// A configuration that reaches `far` through `near` and `middle`. The last two are reached from inside the container.
fn way<'r>(rig: &'r Rig, options: [&[&str]; 3]) -> Way<'r> {
    let home = rig.home();
    let hops = options.map(|options| (rig.server(options), rig.account().make()));
    let [(near, first), (middle, second), (far, third)] = &hops;
    home.configure(&format!(
        "Host near\n{}Host middle\n  HostName 127.0.0.1\n  Port {}\n  User {}\n\
         Host far\n  HostName localhost\n  Port {}\n  User {}\n  ProxyJump near,middle\n",
        near.settings(first),
        middle.port,
        second.name,
        far.port,
        third.name,
    ));
    home.know(
        &[
            near.lines(),
            middle.lines_as(&format!("[127.0.0.1]:{}", middle.port)),
            far.lines_as(&format!("[localhost]:{}", far.port)),
        ]
        .concat(),
    );
    Way { home, hops }
}

fn through_two_hosts_with_an_account_and_a_key_each(rig: &Rig) {
    let Way { home, hops } = way(rig, [&[], &[], &[]]);
    let session = home.connect("far", &Answers::default()).unwrap();
    assert_eq!(says(&session, "id -un"), hops[2].1.name);
    let connection = says(&session, "echo $SSH_CONNECTION");
    assert!(connection.ends_with(&format!(" {}", hops[2].0.port)), "{connection}");
    assert_eq!(session.endpoint().to_string(), format!("{}@localhost:{}", hops[2].1.name, hops[2].0.port));
    // More than one window of a channel, in both directions.
    let sum = says(&session, "head -c 5000000 /dev/zero | tr '\\0' x");
    assert_eq!(sum.len(), 5_000_000);
}

fn by_the_command_line_with_accounts_and_ports(rig: &Rig) {
    let Way { home, hops: [(near, first), (middle, second), (far, third)] } = way(rig, [&[], &[], &[]]);
    let jump =
        format!("{}@{}:{},ssh://{}@127.0.0.1:{}", first.name, near.host, near.port, second.name, middle.port);
    let options = SshOptions { jump: Some(jump), ..home.options() };
    let to = resolve(&format!("{}@localhost:{}", third.name, far.port), &options).unwrap();
    let session = connect(&to, &Answers::default(), Deadline::after(LONG)).unwrap();
    assert_eq!(says(&session, "id -un"), third.name);
}

fn a_wrong_key_in_between_is_refused_and_named(rig: &Rig) {
    let Way { home, hops: [(near, _), (middle, second), (far, _)] } = way(rig, [&[], &[], &[]]);
    let at_middle = format!("[127.0.0.1]:{}", middle.port);
    home.know(&[near.lines(), far.lines_as(&at_middle)].concat());
    let ask = Answers::trusting();
    let endpoint = format!("{}@127.0.0.1:{}", second.name, middle.port);
    rig.problem(
        home.connect("far", &ask),
        "ssh-host-key-changed",
        &[&endpoint, "known_hosts:2", &format!("ssh-keygen -R '{at_middle}'"), "nothing was sent"],
    );
    assert_eq!(ask.asked_of(), [""; 0], "a changed key is no question");
}

fn a_new_key_in_between_is_asked_about_under_its_own_name(rig: &Rig) {
    let Way { home, hops: [(near, _), (middle, _), (far, _)] } = way(rig, [&[], &[], &[]]);
    let (at_middle, at_far) = (format!("[127.0.0.1]:{}", middle.port), format!("[localhost]:{}", far.port));
    home.know(&[near.lines(), far.lines_as(&at_far)].concat());
    let ask = Answers::trusting();
    home.connect("far", &ask).unwrap();
    assert_eq!(ask.asked_of(), [format!("{at_middle} ssh-ed25519")]);
    assert!(home.read("known_hosts").ends_with(&middle.lines_as(&at_middle).replace(" \n", "\n")));
}

fn a_refused_login_in_between_is_named(rig: &Rig) {
    let Way { home, hops: [_, (middle, second), _] } = way(rig, [&[], &["AuthorizedKeysFile=/nowhere"], &[]]);
    let endpoint = format!("{}@127.0.0.1:{}", second.name, middle.port);
    rig.problem(
        home.connect("far", &Answers::default()),
        "ssh-login-refused",
        &[&endpoint, "the server accepts publickey", "nothing was sent", "authorized_keys"],
    );
}

fn a_jump_by_a_password_and_a_proxy_command(rig: &Rig) {
    let home = rig.home();
    let (near, far) = (rig.server(&["PasswordAuthentication=yes"]), rig.server(&[]));
    let (first, second) = (rig.account().make(), rig.account().make());
    let password = rig.password(&first);
    let relay = rig.server(&[]);
    let relayed = rig.account().make();
    home.configure(&format!(
        "Host relay\n{}Host near\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  PubkeyAuthentication no\n  \
         ProxyCommand ssh -F DIR/config -W %h:%p relay\n\
         Host far\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  ProxyJump near\n",
        relay.settings(&relayed),
        near.port,
        first.name,
        far.port,
        second.name,
    ));
    home.know(
        &[
            relay.lines(),
            near.lines_as(&format!("[127.0.0.1]:{}", near.port)),
            far.lines_as(&format!("[127.0.0.1]:{}", far.port)),
        ]
        .concat(),
    );
    let ask = Answers::with(&[&password]);
    let session = home.connect("far", &ask).unwrap();
    assert_eq!(says(&session, "id -un"), second.name);
    assert_eq!(ask.asked(), [(format!("{}@127.0.0.1's password: ", first.name), false)]);
}

fn too_many_tries_are_said_through_a_jump_too(rig: &Rig) {
    let Way { home, hops } = way(rig, [&[], &[], &["MaxAuthTries=2"]]);
    let keys: String = (0..4)
        .map(|number| {
            home.key(&format!("wrong{number}"), &["ed25519"]);
            format!("  IdentityFile DIR/wrong{number}\n")
        })
        .collect();
    let config = home.read("config").replace(&home.folder().display().to_string(), "DIR");
    home.configure(&config.replace("Host far\n", &format!("Host far\n{keys}")));
    let problem = rig.problem(
        home.connect("far", &Answers::default()),
        "ssh-login-refused",
        &["localhost", "too many", "-i"],
    );
    let text = problem.to_string();
    assert!(!text.contains("wrong3"), "what the server did not see any more is no try: {text}");
    drop(hops);
}

/// The sshd processes that serve an account. They show its name once it is authenticated.
fn serving(rig: &Rig, account: &Account) -> String {
    rig.root(&format!(
        "grep -lsE '^sshd: {}( |@|$)' /proc/[0-9]*/cmdline | cut -d/ -f3 | tr '\\n' ' '",
        account.name
    ))
}

fn nothing_is_left_of_the_way_when_the_session_is_over(rig: &Rig) {
    let Way { home, hops } = way(rig, [&[], &[], &[]]);
    let session = home.connect("far", &Answers::default()).unwrap();
    for (_, account) in &hops {
        assert_ne!(serving(rig, account).trim(), "", "{account:?}");
    }
    drop(session);
    for (_, account) in &hops {
        let over = within(Duration::from_secs(10), || serving(rig, account).trim().is_empty());
        assert!(over, "{account:?} is still logged in");
    }
}

fn a_host_in_between_that_dies_is_a_lost_connection(rig: &Rig) {
    let Way { home, hops } = way(rig, [&[], &[], &[]]);
    let session = home.connect("far", &Answers::default()).unwrap();
    rig.root(&format!("kill -9 {}", serving(rig, &hops[0].1)));
    let began = Instant::now();
    let problem = session.run("sleep 60", Stdin::Closed, Deadline::after(LONG)).unwrap_err();
    assert_eq!(problem.code(), "ssh-lost", "{problem}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
