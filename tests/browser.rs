//! Plays the browser on this machine, as far as a login needs one.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use crate::running;

/// The port that browsers are redirected to.
pub const PORT: u16 = 1455;

/// Waits for the port. Only one test can use it at a time, on the host and on this machine, and other programs may use it too.
/// The lock is a file, because with nextest each test is a process.
pub fn turn() -> File {
    let turn = File::create(std::env::temp_dir().join(format!("codex-remote-auth-port-{PORT}"))).unwrap();
    turn.lock().unwrap();
    let free =
        running::within(Duration::from_secs(60), || TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).is_ok());
    assert!(free, "port {PORT} of this machine is taken by something else");
    turn
}

/// Requests a page through the forwarded port. Returns its status line and headers, and its body.
///
/// # Errors
/// The system's error, or an answer that ends before its body.
pub fn get(address: IpAddr, target: &str) -> std::io::Result<(String, Vec<u8>)> {
    let mut stream = TcpStream::connect((address, PORT))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost:{PORT}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    Ok((String::from_utf8_lossy(&answer[..end]).into_owned(), answer[end + 4..].to_vec()))
}

/// The address that an answer redirects a browser to.
pub fn location(head: &str) -> Option<&str> {
    head.lines().find_map(|line| line.strip_prefix("Location: ").or(line.strip_prefix("location: ")))
}

/// The path and the query of a link.
pub fn target(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.find('/').map(|at| &rest[at..])
}

/// A field of a link's query, without decoding it.
pub fn field<'u>(url: &'u str, name: &str) -> Option<&'u str> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
}
