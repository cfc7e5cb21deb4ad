//! Free ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below what the system gives to outgoing connections: a port that is waited for must not become the client's own,
/// and a server that restarts must find its port free.
const PORTS: std::ops::Range<u16> = 15_000..32_000;

/// A port that nobody listens on, and that no later call of this process returns until all were tried.
pub(crate) fn free() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let count = PORTS.end - PORTS.start;
    // Test processes that start together begin at different places.
    let start = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(count)).unwrap();
    let tried =
        std::iter::repeat_with(|| PORTS.start + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % count);
    tried.take(usize::from(count)).find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).unwrap()
}
