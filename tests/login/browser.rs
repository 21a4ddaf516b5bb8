//! The login by a browser here, whose port leads to the host: the test plays the browser.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::time::Duration;

use codex_remote_auth::login::{LoginError, LoginFlow, LoginOptions, LoginReceipt, log_in};
use tests::page::{PORT, field, get, location, target, turn};
use tests::running;

use crate::Case;
use crate::rig::{LOGIN, RecordingPrompt, Remote, Rig, options};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_release_without_the_device_login_is_logged_in_by_a_browser,
        a_browser_is_led_there_by_either_of_the_loopbacks,
        a_person_who_says_no_is_told,
        a_browser_may_come_often_and_leave_early,
        large_answers_come_whole,
        a_port_that_is_taken_here_is_told_and_codex_is_stopped,
        a_server_that_does_not_forward_is_told_with_its_setting,
        who_never_comes_back_is_not_waited_for,
        nothing_listens_here_any_more_when_it_is_over,
    ]
}

fn by_browser() -> LoginOptions {
    LoginOptions { browser: true, ..options() }
}

/// A codex as one from before the device login: it says nothing of it.
const OLD: &str = "case $* in *--help) echo 'Usage: codex login [OPTIONS] [COMMAND]'; exit ;; esac\n\
    exec /opt/codex-under-test/codex \"$@\"";

/// The person agrees on the page that the link leads to: where their browser is sent back to. The page is in the container alone.
fn agree(rig: &Rig, link: &str) -> String {
    let script = format!(
        "exec bash <<'END'\nexec 9<>/dev/tcp/127.0.0.1/8790\n\
         printf 'GET %s HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' '{}' >&9; cat <&9\nEND",
        target(link).unwrap()
    );
    location(&rig.root(&script)).unwrap().to_owned()
}

/// Begins a login, and has `browser` do something once the link is shown.
fn with_browser(
    remote: &Remote<'_>,
    options: &LoginOptions,
    browser: impl FnOnce(&str),
) -> (Result<LoginReceipt, LoginError>, RecordingPrompt) {
    let told = RecordingPrompt::default();
    let session = remote.session();
    let result = std::thread::scope(|scope| {
        let logging_in = scope.spawn(|| log_in(&session, options, &told));
        let shown = running::within(LOGIN, || !told.browsers().is_empty() || logging_in.is_finished());
        if let Some((link, port)) = told.browsers().first() {
            assert_eq!(*port, PORT);
            browser(link);
        }
        assert!(shown, "no link was shown");
        logging_in.join().unwrap()
    });
    (result, told)
}

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// What a browser does once the person has agreed; the page that they see in the end.
fn come_back(address: IpAddr, back: &str) -> String {
    let (head, _) = get(address, target(back).unwrap()).unwrap();
    assert!(head.starts_with("HTTP/1.1 302"), "{}", head.lines().next().unwrap());
    let (head, page) = get(address, target(location(&head).unwrap()).unwrap()).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{}", head.lines().next().unwrap());
    String::from_utf8(page).unwrap()
}

fn a_release_without_the_device_login_is_logged_in_by_a_browser(rig: &Rig) {
    let _turn = turn();
    let remote = rig.account().program(OLD).make();
    let (result, told) = with_browser(&remote, &options(), |link| {
        assert_eq!(come_back(V4, &agree(rig, link)), "Signed in to Codex");
    });
    let receipt = result.unwrap();
    assert_eq!((receipt.way, receipt.mode), (LoginFlow::Browser, 0o600));
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    told.is_in_none_of(&format!("{receipt:?}"));
    assert_eq!((told.devices().len(), told.browsers().len()), (0, 1));
    remote.has_a_login_of_its_own();
    assert_eq!(remote.asked(), ["tokens", "answered"]);
    remote.nothing_runs();
}

fn a_browser_is_led_there_by_either_of_the_loopbacks(rig: &Rig) {
    let _turn = turn();
    // It is sent back to `localhost`, which is the second of the two first, where there is one.
    let remote = rig.account().file(".codex-stub/settings.toml", "release = \"0.133.0\"\n").make();
    let has_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let (result, _) = with_browser(&remote, &by_browser(), |link| {
        let back = agree(rig, link);
        assert!(back.starts_with("http://localhost:1455/"), "{}", &back[..30]);
        come_back(if has_v6 { V6 } else { V4 }, &back);
    });
    assert!(result.unwrap().proof.holds());
    remote.has_a_login_of_its_own();
}

fn a_person_who_says_no_is_told(rig: &Rig) {
    let _turn = turn();
    let remote = rig.account().login(0o600).make();
    let before = remote.auth();
    let (result, told) = with_browser(&remote, &LoginOptions { force: true, ..by_browser() }, |link| {
        let state = field(link, "state").unwrap();
        get(V4, &format!("/auth/callback?error=access_denied&error_description=no&state={state}")).unwrap();
    });
    let error = result.unwrap_err();
    remote.shows_nothing(&error, &told);
    assert_eq!(error.code(), "refused", "{error}");
    assert_eq!(remote.auth(), before);
    remote.nothing_runs();
}

fn a_browser_may_come_often_and_leave_early(rig: &Rig) {
    let _turn = turn();
    let remote = rig.account().make();
    let (result, _) = with_browser(&remote, &by_browser(), |link| {
        for _ in 0..5 {
            drop(TcpStream::connect((V4, PORT)).unwrap());
            assert!(get(V4, "/favicon.ico").unwrap().0.starts_with("HTTP/1.1 404"));
        }
        assert_eq!(get(V4, "/auth/callback?code=x&state=y").unwrap().1, b"State mismatch");
        come_back(V4, &agree(rig, link));
    });
    assert!(result.unwrap().proof.holds());
    remote.has_a_login_of_its_own();
}

fn large_answers_come_whole(rig: &Rig) {
    let _turn = turn();
    // A server of two megabytes a page, in place of codex's.
    let serve = "case $* in *--help) exit ;; --version) exit ;; esac\n\
        exec perl -MIO::Socket::INET -e '\n\
        $s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", LocalPort => 1455, Listen => 9, ReuseAddr => 1) or die;\n\
        $| = 1; print STDERR \"https://auth.openai.com/authorize?redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fcb&state=s\\n\";\n\
        while ($c = $s->accept) { $l = <$c>; next unless $l; print $c \"HTTP/1.1 200 OK\\r\\n\\r\\n\", \"0123456789\" x 200000; close $c; exit 3 if $l =~ /end/ }'";
    let remote = rig.account().program(serve).make();
    let (result, _) = with_browser(&remote, &by_browser(), |_| {
        for path in ["/one", "/two", "/end"] {
            let (_, page) = get(V4, path).unwrap();
            assert_eq!(page.len(), 2_000_000, "{path}");
            assert!(page.chunks(10).all(|chunk| chunk == b"0123456789"), "{path}");
        }
    });
    assert_eq!(result.unwrap_err().code(), "failed");
}

fn a_port_that_is_taken_here_is_told_and_codex_is_stopped(rig: &Rig) {
    let _turn = turn();
    // A browser tries `localhost` by IPv6 first: what has the port there alone would get the login.
    for address in [V4, V6] {
        let _taken = match TcpListener::bind((address, PORT)) {
            Err(error) if address == V6 => {
                println!("NOT TESTED: this machine has no IPv6 ({error})");
                continue;
            }
            taken => taken.unwrap(),
        };
        let remote = rig.account().make();
        let (error, told) = remote.fails(&by_browser(), "port-taken");
        assert!(error.to_string().contains("ss -ltnp 'sport = :1455'"), "{error}");
        assert!(told.browsers().is_empty(), "a link that leads nowhere is shown");
        remote.nothing_runs();
        assert_eq!(remote.auth(), "");
    }
}

fn a_server_that_does_not_forward_is_told_with_its_setting(rig: &Rig) {
    let _turn = turn();
    let line = format!("no-port-forwarding {}\n", rig.container().client_key().public);
    let remote = rig.account().file(".ssh/authorized_keys", &line).make();
    let (error, told) = remote.fails(&by_browser(), "not-forwarded");
    assert!(error.to_string().contains("AllowTcpForwarding"), "{error}");
    assert!(told.browsers().is_empty());
    remote.nothing_runs();
}

fn who_never_comes_back_is_not_waited_for(rig: &Rig) {
    let _turn = turn();
    let remote = rig.account().make();
    remote.fails(&LoginOptions { deadline: Duration::from_secs(2), ..by_browser() }, "timed-out");
    remote.nothing_runs();
    assert_eq!(remote.auth(), "");
}

fn nothing_listens_here_any_more_when_it_is_over(rig: &Rig) {
    let _turn = turn();
    let remote = rig.account().make();
    let (result, _) = with_browser(&remote, &LoginOptions { proof: None, ..by_browser() }, |link| {
        come_back(V4, &agree(rig, link));
    });
    result.unwrap();
    assert!(TcpStream::connect((V4, PORT)).is_err());
}
