//! A TCP proxy in user space that makes a fast link slow. The kernel of a small machine may lack netem.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Forwards connections to one address, and delays each byte by half a round trip in each direction.
///
/// It listens on all addresses of this machine, so that containers reach it too. Dropping it ends it.
#[derive(Debug)]
pub struct DelayProxy {
    port: u16,
    ended: Arc<AtomicBool>,
}

impl DelayProxy {
    /// Starts a proxy for `target` that adds `round_trip` to each round trip.
    ///
    /// # Errors
    /// The system's error if no port is free.
    pub fn start(target: SocketAddr, round_trip: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(("0.0.0.0", 0))?;
        let port = listener.local_addr()?.port();
        let ended = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&ended);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                if let Ok(client) = client {
                    std::thread::spawn(move || forward(client, target, round_trip / 2));
                }
            }
        });
        Ok(Self { port, ended })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for DelayProxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // The listener looks at the flag only when a connection comes.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn forward(client: TcpStream, target: SocketAddr, delay: Duration) {
    // A real connection needs one round trip before the first byte. Here the proxy has already accepted it.
    std::thread::sleep(delay * 2);
    let Ok(server) = TcpStream::connect(target) else { return };
    let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { return };
    for stream in [&client, &server] {
        let _ = stream.set_nodelay(true);
    }
    let back = std::thread::spawn(move || carry(server_too, client_too, delay));
    carry(client, server, delay);
    let _ = back.join();
}

/// Carries bytes one way. It writes bytes when they are due, and keeps reading meanwhile.
fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (queue, due) = mpsc::channel::<(Instant, Vec<u8>)>();
    let writer = std::thread::spawn(move || {
        for (at, bytes) in due {
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        if queue.send((Instant::now() + delay, chunk[..count].to_vec())).is_err() {
            break;
        }
    }
    drop(queue);
    let _ = writer.join();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_takes_the_round_trip_longer_and_arrives_whole() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = [0; 4];
            stream.read_exact(&mut bytes).unwrap();
            stream.write_all(&bytes).unwrap();
        });
        let proxy = DelayProxy::start(target, Duration::from_millis(40)).unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
        let began = Instant::now();
        client.write_all(b"ping").unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).unwrap();
        assert_eq!(answer, b"ping");
        assert!(began.elapsed() >= Duration::from_millis(80), "{:?}", began.elapsed());
    }
}
