//! Nothing that runs in a container reaches anything outside, by address or by name.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, Instant};

use codex_remote_auth::ssh::{Deadline, Output, Session, Stdin};
use harness::cloud::Knowledge;
use harness::run::{TestEnvironment, TestEnvironmentOptions};
use harness::target::AccountSpec;

const CALL: Duration = Duration::from_secs(20);

/// Asks the resolver that the engine gives every container for the address of example.org. Prints the number of answers, or
/// that there were none.
const ASK_THE_ENGINE: &str = r#"perl -MIO::Socket::INET -e '
my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.11", PeerPort => 53, Proto => "udp") or die "no socket";
$socket->send(pack("n6", 7, 0x0100, 1, 0, 0, 0) . "\x07example\x03org\x00" . pack("n2", 1, 1));
my $ready = ""; vec($ready, fileno($socket), 1) = 1;
if (select($ready, undef, undef, 4) && defined $socket->recv(my $answer, 512)) { print "answers: ", (unpack("n6", $answer))[3] }
else { print "no answer" }'"#;

fn in_a_container(look: impl FnOnce(&dyn Fn(&str) -> Output)) {
    let test_environment =
        TestEnvironment::open(&TestEnvironmentOptions::default(), &|what| eprintln!("{what}")).unwrap();
    let container = test_environment.container().unwrap();
    let account = container.reserve();
    let spec = AccountSpec { shell: "/bin/bash".to_owned(), ..AccountSpec::default() };
    container.create(&[(account.clone(), spec)], &Knowledge::default()).unwrap();
    let session: Session = container.session(&account, CALL).unwrap();
    look(&|line| session.run(line, Stdin::Closed, Deadline::after(CALL)).unwrap());
    drop(session);
    container.stop().unwrap();
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// Whether a routing table, as the kernel prints it, has a default route.
fn has_default_route(table: &str) -> bool {
    table.lines().skip(1).any(|line| line.split_whitespace().nth(1) == Some("00000000"))
}

#[test]
fn a_route_to_everywhere_is_told_from_one_to_a_network() {
    let head = "Iface\tDestination\tGateway\n";
    assert!(has_default_route(&format!("{head}eth0\t00000000\t010011AC\n")));
    assert!(!has_default_route(&format!("{head}eth0\t000012AC\t00000000\n")));
}

#[test]
fn no_address_and_no_name_outside_is_reached() {
    in_a_container(|run| {
        let table = text(&run("cat /proc/net/route").stdout);
        assert!(table.starts_with("Iface") && table.lines().count() > 1, "{table}");
        assert!(!has_default_route(&table), "{table}");

        // A reserved address, so that the test contacts nobody even if the network is open.
        let began = Instant::now();
        let tried = run("exec 3<>/dev/tcp/192.0.2.1/443");
        assert!(text(&tried.stderr).contains("Network is unreachable"), "{}", text(&tried.stderr));

        let named = run("getent ahosts example.org; echo $?");
        assert_eq!(text(&named.stdout), "2", "{}", text(&named.stderr));
        assert!(
            began.elapsed() < Duration::from_secs(4),
            "a program would wait for it: {:?}",
            began.elapsed()
        );

        let engine = text(&run(ASK_THE_ENGINE).stdout);
        assert!(engine == "answers: 0" || engine == "no answer", "{engine}");

        // The fake cloud is still reachable, and reports what it was asked.
        let cloud =
            run("exec 3<>/dev/tcp/127.0.0.1/8790; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; head -1 <&3");
        assert!(text(&cloud.stdout).contains("404"), "{}", text(&cloud.stdout));
    });
}
