//! A way to a server that can be made slow, counted, and cut: what a network does, in user space.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// From the server to whoever connected.
    Client,
    /// From whoever connected to the server.
    Server,
}

/// What both directions know.
#[derive(Debug)]
struct State {
    /// Of each direction, in nanoseconds.
    delay: AtomicU64,
    passed: [AtomicU64; 2],
    /// How many bytes may pass before the line is cut.
    allowed: [AtomicU64; 2],
    /// Which direction spoke last.
    last: AtomicU64,
    turns: AtomicU64,
    closed: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

/// A listening proxy; it is gone when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

impl Proxy {
    /// A proxy to there that passes everything on at once.
    ///
    /// # Panics
    /// Where this machine has no port to listen on.
    pub fn to((host, port): (&str, u16)) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        let whole = || [AtomicU64::new(u64::MAX), AtomicU64::new(u64::MAX)];
        let state = Arc::new(State {
            delay: AtomicU64::new(0),
            passed: Default::default(),
            allowed: whole(),
            last: AtomicU64::new(u64::MAX),
            turns: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let (shared, server) = (Arc::clone(&state), (host.to_owned(), port));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.closed.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(server) = TcpStream::connect((server.0.as_str(), server.1)) {
                    join(&client, &server, &shared);
                }
            }
        });
        Self { address, state }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Holds everything back for so long, in each direction: a round trip takes twice that.
    pub fn delay(&self, each: Duration) {
        let nanoseconds = u64::try_from(each.as_nanos()).unwrap_or(u64::MAX);
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

    /// How often the line has turned from one direction to the other: twice a round trip, where nobody talks while
    /// the other does.
    pub fn turns(&self) -> u64 {
        self.state.turns.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.closed.store(true, Ordering::SeqCst);
        // It waits for a connection, so it gets one.
        let _ = TcpStream::connect(self.address);
    }
}

fn join(client: &TcpStream, server: &TcpStream, state: &Arc<State>) {
    for (towards, from, to) in [(Towards::Client, server, client), (Towards::Server, client, server)] {
        let (Ok(mut from), Ok(to), Ok(kept)) = (from.try_clone(), to.try_clone(), to.try_clone()) else {
            return;
        };
        state.open.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        let _ = to.set_nodelay(true);
        let (queue, queued) = sync_channel::<(Instant, Vec<u8>)>(1024);
        let shared = Arc::clone(state);
        std::thread::spawn(move || pass_on(towards, to, &queued, &shared));
        let state = Arc::clone(state);
        std::thread::spawn(move || {
            let mut chunk = [0; 16 * 1024];
            while let Ok(count @ 1..) = from.read(&mut chunk) {
                let at = Instant::now() + Duration::from_nanos(state.delay.load(Ordering::SeqCst));
                if queue.send((at, chunk[..count].to_vec())).is_err() {
                    let _ = from.shutdown(Shutdown::Both);
                }
            }
        });
    }
}

/// Writes what is queued, each when its time has come, up to what may pass.
fn pass_on(towards: Towards, mut to: TcpStream, queued: &Receiver<(Instant, Vec<u8>)>, state: &State) {
    let index = towards as usize;
    for (at, mut bytes) in queued {
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        let left = state.allowed[index].load(Ordering::SeqCst) - state.passed[index].load(Ordering::SeqCst);
        let whole = bytes.len() as u64 <= left;
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        if state.last.swap(index as u64, Ordering::SeqCst) != index as u64 {
            state.turns.fetch_add(1, Ordering::SeqCst);
        }
        state.passed[index].fetch_add(bytes.len() as u64, Ordering::SeqCst);
        if to.write_all(&bytes).is_err() || !whole {
            break;
        }
    }
    // Both ways: the other direction's reads and writes fail from now on.
    let _ = to.shutdown(Shutdown::Both);
}
