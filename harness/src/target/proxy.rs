//! A TCP proxy that makes a link slow, counts what passes, and cuts it: what a network does, in user space, since the kernel of a
//! small machine may have no netem.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// From the server to the client.
    Client,
    /// From the client to the server.
    Server,
}

/// What the threads of a proxy share.
#[derive(Debug)]
struct State {
    target: (String, u16),
    /// Of each direction, in nanoseconds.
    delay: AtomicU64,
    passed: [AtomicU64; 2],
    /// How many bytes may pass before the line is cut.
    allowed: [AtomicU64; 2],
    round_trips: RoundTrips,
    closed: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

/// A listening proxy. It ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: Arc<State>,
}

impl Proxy {
    /// One on 127.0.0.1 that passes everything on at once.
    ///
    /// # Errors
    /// What the system says if there is no free port.
    pub fn to(target: (&str, u16)) -> io::Result<Self> {
        Self::on(Ipv4Addr::LOCALHOST, target)
    }

    /// The same on another address of this machine; 0.0.0.0 is all of them.
    ///
    /// # Errors
    /// As [`to`](Self::to).
    pub fn on(address: Ipv4Addr, (host, port): (&str, u16)) -> io::Result<Self> {
        let listener = TcpListener::bind((address, 0))?;
        let whole = || [AtomicU64::new(u64::MAX), AtomicU64::new(u64::MAX)];
        let state = Arc::new(State {
            target: (host.to_owned(), port),
            delay: AtomicU64::new(0),
            passed: Default::default(),
            allowed: whole(),
            round_trips: RoundTrips::default(),
            closed: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let proxy = Self { port: listener.local_addr()?.port(), state: Arc::clone(&state) };
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if state.closed.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&state);
                std::thread::spawn(move || join(&client, &state));
            }
        });
        Ok(proxy)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Adds so much to each round trip, from now on.
    pub fn delay(&self, round_trip: Duration) {
        let nanoseconds = u64::try_from(round_trip.as_nanos() / 2).unwrap_or(u64::MAX);
        self.state.delay.store(nanoseconds, Ordering::SeqCst);
    }

    /// Cuts the line, both ways, once so many more bytes have passed in that direction.
    pub fn cut_after(&self, towards: Towards, bytes: u64) {
        let allowed = self.bytes(towards).saturating_add(bytes);
        self.state.allowed[towards as usize].store(allowed, Ordering::SeqCst);
    }

    /// Cuts the line now.
    pub fn cut_now(&self) {
        for stream in self.state.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// How many bytes have passed in that direction.
    pub fn bytes(&self, towards: Towards) -> u64 {
        self.state.passed[towards as usize].load(Ordering::SeqCst)
    }

    /// How many times a client has waited for its server so far, the connection included. It depends on who answered what, not on
    /// how long that took. With a [`delay`](Self::delay) that is longer than a client's pauses between two things that it sends
    /// without waiting, the count does not depend on the machine either.
    pub fn round_trips(&self) -> u64 {
        self.state.round_trips.answered.load(Ordering::SeqCst)
    }
}

/// Counts round trips as a chain of causes: what a client sends after it received the answer to round trip N belongs to N + 1, and
/// what a server sends after it received something of round trip N answers N.
#[derive(Debug, Default)]
struct RoundTrips {
    /// The last one whose answer a client has received.
    answered: AtomicU64,
    /// The last one of which a server has received something.
    asked: AtomicU64,
}

impl RoundTrips {
    /// The number of what the sender of this direction has just sent.
    fn sent(&self, towards: Towards) -> u64 {
        match towards {
            Towards::Server => self.answered.load(Ordering::SeqCst) + 1,
            Towards::Client => self.asked.load(Ordering::SeqCst),
        }
    }

    /// Something of this number is about to reach the receiver of this direction.
    fn received(&self, towards: Towards, number: u64) {
        match towards {
            Towards::Server => self.asked.fetch_max(number, Ordering::SeqCst),
            Towards::Client => self.answered.fetch_max(number, Ordering::SeqCst),
        };
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.closed.store(true, Ordering::SeqCst);
        // The listener looks at the flag once something connects.
        let _ = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)));
    }
}

impl State {
    fn delay(&self) -> Duration {
        Duration::from_nanos(self.delay.load(Ordering::SeqCst))
    }
}

fn join(client: &TcpStream, state: &Arc<State>) {
    // A connection takes one round trip before anything is said. Here its answer came at once.
    std::thread::sleep(state.delay() * 2);
    let Ok(server) = TcpStream::connect((state.target.0.as_str(), state.target.1)) else { return };
    let connecting = state.round_trips.sent(Towards::Server);
    state.round_trips.received(Towards::Server, connecting);
    state.round_trips.received(Towards::Client, connecting);
    for (towards, from, to) in [(Towards::Client, &server, client), (Towards::Server, client, &server)] {
        let (Ok(mut from), Ok(to), Ok(kept)) = (from.try_clone(), to.try_clone(), to.try_clone()) else {
            return;
        };
        let _ = to.set_nodelay(true);
        state.open.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        let (queue, queued) = sync_channel::<Queued>(1024);
        let shared = Arc::clone(state);
        std::thread::spawn(move || pass_on(towards, to, &queued, &shared));
        let shared = Arc::clone(state);
        std::thread::spawn(move || {
            let mut chunk = [0; 64 * 1024];
            while let Ok(count @ 1..) = from.read(&mut chunk) {
                let due = Instant::now() + shared.delay();
                let round_trip = shared.round_trips.sent(towards);
                if queue.send(Queued { due, round_trip, bytes: chunk[..count].to_vec() }).is_err() {
                    let _ = from.shutdown(Shutdown::Both);
                }
            }
        });
    }
}

/// What was read and is not passed on yet.
struct Queued {
    due: Instant,
    round_trip: u64,
    bytes: Vec<u8>,
}

/// Writes what is queued, each when its time has come, up to what may pass. What is read next is not held up by this.
fn pass_on(towards: Towards, mut to: TcpStream, queued: &Receiver<Queued>, state: &State) {
    let index = towards as usize;
    for Queued { due, round_trip, mut bytes } in queued {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let left = state.allowed[index]
            .load(Ordering::SeqCst)
            .saturating_sub(state.passed[index].load(Ordering::SeqCst));
        let whole = bytes.len() as u64 <= left;
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        state.passed[index].fetch_add(bytes.len() as u64, Ordering::SeqCst);
        state.round_trips.received(towards, round_trip);
        if to.write_all(&bytes).is_err() || !whole {
            break;
        }
    }
    // Both ways: the other direction's reads and writes fail from now on.
    let _ = to.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that gives back what it is told, and a client of it behind a proxy.
    fn echo(bytes: usize) -> (Proxy, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut told = vec![0; bytes];
            stream.read_exact(&mut told).unwrap();
            stream.write_all(&told).unwrap();
        });
        let proxy = Proxy::to(("127.0.0.1", port)).unwrap();
        let client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
        (proxy, client)
    }

    #[test]
    fn an_answer_takes_the_round_trip_longer_and_arrives_whole() {
        let (proxy, mut client) = echo(4);
        proxy.delay(Duration::from_millis(40));
        let began = Instant::now();
        client.write_all(b"ping").unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).unwrap();
        assert_eq!(answer, b"ping");
        assert!(began.elapsed() >= Duration::from_millis(40), "{:?}", began.elapsed());
        assert_eq!((proxy.bytes(Towards::Client), proxy.bytes(Towards::Server)), (4, 4));
    }

    #[test]
    fn round_trips_are_counted_by_what_was_answered() {
        // The client sends two bytes without waiting, then waits for their answer, four times.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut told = [0; 2];
            while stream.read_exact(&mut told).is_ok() && stream.write_all(&told).is_ok() {}
        });
        let proxy = Proxy::to(("127.0.0.1", port)).unwrap();
        proxy.delay(Duration::from_millis(100));
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
        client.set_nodelay(true).unwrap();
        for _ in 0..4 {
            client.write_all(b"1").unwrap();
            client.write_all(b"2").unwrap();
            client.read_exact(&mut [0; 2]).unwrap();
        }
        assert_eq!(proxy.round_trips(), 5);
    }

    #[test]
    fn a_line_is_cut_after_the_byte_that_was_named() {
        let (proxy, mut client) = echo(4);
        proxy.cut_after(Towards::Client, 3);
        client.write_all(b"ping").unwrap();
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer);
        assert_eq!(answer, b"pin");
    }
}
