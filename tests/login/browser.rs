//! The login with a browser on this machine, whose port is forwarded to the host. The test plays the browser.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};

use tests::Rig;
use tests::browser::{PORT, field, get, location, target, turn};
use tests::home::{has, of_first_host};
use tests::person::Person;

use crate::Case;
use crate::under_way::UnderWay;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_release_without_the_device_login_is_logged_in_by_a_browser,
        a_browser_is_led_there_by_either_of_the_loopbacks,
        a_person_who_says_no_is_told,
        a_browser_may_come_often_and_leave_early,
        large_answers_come_whole,
    ]
}

/// A codex from before the device login: its help does not mention it.
const OLD: &str = "case $* in *--help) echo 'Usage: codex login [OPTIONS] [COMMAND]'; exit ;; esac\n\
    exec /opt/codex-under-test/codex \"$@\"";

/// The person agrees on the page that the link opens. Returns where their browser is redirected. The page is in the container.
fn agree(rig: &Rig, link: &str) -> String {
    let script = format!(
        "exec bash <<'END'\nexec 9<>/dev/tcp/127.0.0.1/8790\n\
         printf 'GET %s HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' '{}' >&9; cat <&9\nEND",
        target(link).unwrap()
    );
    location(&rig.root(&script)).unwrap().to_owned()
}

/// Logs in with the browser, which does this once the link is shown. Returns exit status, standard output and standard error.
fn with_browser(person: &Person<'_>, more: &[&str], browser: impl FnOnce(&str)) -> (i32, String, String) {
    let under_way = UnderWay::begins(person, more);
    browser(&under_way.link);
    under_way.ends()
}

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// What a browser does once the person has agreed. Returns the page that they see at the end.
fn come_back(address: IpAddr, back: &str) -> String {
    let (head, _) = get(address, target(back).unwrap()).unwrap();
    assert!(head.starts_with("HTTP/1.1 302"), "{}", head.lines().next().unwrap());
    let (head, page) = get(address, target(location(&head).unwrap()).unwrap()).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{}", head.lines().next().unwrap());
    String::from_utf8(page).unwrap()
}

/// Checks that the login is on the host and works.
fn logged_in(person: &Person<'_>, (status, stdout, stderr): (i32, String, String)) {
    assert_eq!(status, 0, "{stdout}{stderr}");
    has(&stdout, &["logged in separately: ", "mode 0600", "verified: "]);
    person.account().has_a_login_of_its_own();
}

fn a_release_without_the_device_login_is_logged_in_by_a_browser(rig: &Rig) {
    let _turn = turn();
    let person = rig.account().codex(OLD).person();
    let said = with_browser(&person, &["--format", "json"], |link| {
        assert_eq!(come_back(V4, &agree(rig, link)), "Signed in to Codex");
    });
    let host = of_first_host(&said.1);
    for (field, expected) in [("way", "browser"), ("mode", "0600"), ("proof", "works")] {
        assert_eq!(host[field], expected, "{host}");
    }
    has(&said.2, &[format!("Port {PORT} of this machine is forwarded to the host until the login ends.")]);
    person.account().has_a_login_of_its_own();
    assert_eq!(person.account().asked(), ["tokens", "answered"]);
    person.account().nothing_runs();
    assert!(TcpStream::connect((V4, PORT)).is_err(), "the port is still forwarded");
}

fn a_browser_is_led_there_by_either_of_the_loopbacks(rig: &Rig) {
    let _turn = turn();
    // The browser is redirected to `localhost`, which browsers first try over IPv6, if it is available.
    let person = rig.account().file(".codex-stub/settings.toml", "release = \"0.133.0\"\n").person();
    let has_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let said = with_browser(&person, &["--browser"], |link| {
        let back = agree(rig, link);
        assert!(back.starts_with("http://localhost:1455/"), "{}", &back[..30]);
        come_back(if has_v6 { V6 } else { V4 }, &back);
    });
    logged_in(&person, said);
}

fn a_person_who_says_no_is_told(rig: &Rig) {
    let _turn = turn();
    let person = rig.account().login(0o600).person();
    let before = person.account().auth();
    let (status, stdout, _) = with_browser(&person, &["--force", "--browser", "--format", "json"], |link| {
        let state = field(link, "state").unwrap();
        get(V4, &format!("/auth/callback?error=access_denied&error_description=no&state={state}")).unwrap();
    });
    assert_eq!((status, &of_first_host(&stdout)["error"]["code"]), (1, &"refused".into()), "{stdout}");
    assert_ne!(before, "");
    assert_eq!(person.account().auth(), before);
    assert!(person.account().asked().is_empty());
    person.account().nothing_runs();
}

fn a_browser_may_come_often_and_leave_early(rig: &Rig) {
    let _turn = turn();
    let person = rig.person(1);
    let said = with_browser(&person, &["--browser"], |link| {
        for _ in 0..5 {
            drop(TcpStream::connect((V4, PORT)).unwrap());
            assert!(get(V4, "/favicon.ico").unwrap().0.starts_with("HTTP/1.1 404"));
        }
        assert_eq!(get(V4, "/auth/callback?code=x&state=y").unwrap().1, b"State mismatch");
        come_back(V4, &agree(rig, link));
    });
    logged_in(&person, said);
}

fn large_answers_come_whole(rig: &Rig) {
    let _turn = turn();
    // A server with pages of two megabytes, in place of codex's. It reads the whole request: if it closed a connection with
    // unread data, the system would drop the rest of the page.
    let serve = "case $* in *--help) exit ;; --version) exit ;; esac\n\
        exec perl -MIO::Socket::INET -e '\n\
        $s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", LocalPort => 1455, Listen => 9, ReuseAddr => 1) or die;\n\
        $| = 1; print STDERR \"https://auth.openai.com/authorize?redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fcb&state=s\\n\";\n\
        while ($c = $s->accept) { $l = <$c>; next unless $l; while (<$c>) { last if /^\\r?$/ } print $c \"HTTP/1.1 200 OK\\r\\n\\r\\n\", \"0123456789\" x 200000; close $c; exit 3 if $l =~ /end/ }'";
    let person = rig.account().codex(serve).person();
    let (status, stdout, _) = with_browser(&person, &["--browser", "--format", "json"], |_| {
        for path in ["/one", "/two", "/end"] {
            let (_, page) = get(V4, path).unwrap();
            assert_eq!(page.len(), 2_000_000, "{path}");
            assert!(page.chunks(10).all(|chunk| chunk == b"0123456789"), "{path}");
        }
    });
    assert_eq!((status, &of_first_host(&stdout)["error"]["code"]), (1, &"failed".into()), "{stdout}");
}
