//! What /proc says of one process in detail (proc(5)): where it sleeps, what it has open, where it
//! listens, who traces it, its threads. Reads, never decides; what may not be read is `None`.

use super::procfs::{Process, read_stat};
use crate::protocol::{Listener, Pid, Transport};
use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Where in the kernel it sleeps; nothing while it runs.
pub fn wait_channel(pid: Pid) -> Option<String> {
    channel(&format!("/proc/{pid}/wchan"))
}

/// Where one of its threads sleeps.
pub fn thread_wait_channel(pid: Pid, tid: Pid) -> Option<String> {
    channel(&format!("/proc/{pid}/task/{tid}/wchan"))
}

fn channel(file: &str) -> Option<String> {
    // Without the right to know, and while it runs, the kernel says `0`.
    fs::read_to_string(file).ok().filter(|name| name != "0" && !name.is_empty())
}

/// Its threads as their own `stat` tells them: `pid` is the thread's id.
pub fn threads(pid: Pid) -> Vec<Process> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    entries.filter_map(|entry| read_stat(&entry.ok()?.path().join("stat"))).collect()
}

/// Who traces it.
pub fn tracer(pid: Pid) -> Option<Pid> {
    tracer_in(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn tracer_in(status: &str) -> Option<Pid> {
    let line = status.lines().find_map(|line| line.strip_prefix("TracerPid:"))?;
    line.trim().parse().ok().filter(|pid| *pid != 0).map(Pid)
}

/// What it has open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Descriptors {
    /// How many.
    pub count: u32,
    /// The inodes of those that are sockets.
    pub sockets: Vec<u64>,
}

/// What it has open, if we may look.
pub fn descriptors(pid: Pid) -> Option<Descriptors> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let mut open = Descriptors::default();
    for entry in entries.flatten() {
        open.count += 1;
        open.sockets.extend(fs::read_link(entry.path()).ok().and_then(|target| socket(target.to_str()?)));
    }
    Some(open)
}

/// The inode of a socket, from `socket:[1234]`.
fn socket(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// The network namespace that it is in: each has sockets of its own.
pub fn network(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/net")).ok()
}

/// Every listening socket of the network that this process is in, by its inode.
pub fn listeners(pid: Pid) -> HashMap<u64, Listener> {
    let tables = [
        ("tcp", Transport::Tcp),
        ("tcp6", Transport::Tcp),
        ("udp", Transport::Udp),
        ("udp6", Transport::Udp),
    ];
    let mut found = HashMap::new();
    for (table, transport) in tables {
        // A machine without IPv6 has no such file.
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/net/{table}")) else { continue };
        found.extend(listening(&text, transport));
    }
    found
}

/// The sockets of a table that listen: `0A`, and `07` for datagrams, which have no such state but
/// are connected to nobody.
fn listening(table: &str, transport: Transport) -> impl Iterator<Item = (u64, Listener)> {
    let wanted = match transport {
        Transport::Tcp => "0A",
        Transport::Udp => "07",
    };
    table.lines().skip(1).filter_map(move |line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
        let listener = || Some(Listener { transport, address: address(local)? });
        (*state == wanted).then(listener).flatten().map(|listener| Some((inode.parse().ok()?, listener)))?
    })
}

/// `0100007F:1F90`: words of the address as this machine holds them, the port as a number.
fn address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let words = address.as_bytes().chunks_exact(8);
    let words = words.map(|word| u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok());
    let bytes: Vec<u8> =
        words.collect::<Option<Vec<u32>>>()?.into_iter().flat_map(u32::to_ne_bytes).collect();
    let ip: IpAddr = match bytes.len() {
        4 => Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into(),
        16 => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

/// How long this machine has been up, by the clock that processes' starts are told in.
pub fn uptime() -> Option<Duration> {
    let text = fs::read_to_string("/proc/uptime").ok()?;
    Duration::try_from_secs_f64(text.split_ascii_whitespace().next()?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 777 1 0 100 0 0 10 0
   1: 0100007F:1F91 0100007F:0050 01 00000000:00000000 00:00000000 00000000  1000        0 778 1 0 100 0 0 10 0
   2: nonsense
   3: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 779 2 0 0";

    fn shown(transport: Transport) -> Vec<(u64, String)> {
        listening(TABLE, transport).map(|(inode, listener)| (inode, listener.to_string())).collect()
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn only_what_listens_is_a_listener() {
        assert_eq!(shown(Transport::Tcp), [(777, "tcp 127.0.0.1:8080".to_owned())]);
        assert_eq!(shown(Transport::Udp), [(779, "udp *:53".to_owned())]);
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn long_addresses_are_read_word_by_word() {
        let read = address("B80D01200000000000000000DD86DEAD:0050").unwrap();
        assert_eq!(read.to_string(), "[2001:db8::adde:86dd]:80");
        assert_eq!((address("01:50"), address("0100007F")), (None, None));
    }

    #[test]
    fn our_own_listener_is_found() {
        let ours = TcpListener::bind("127.0.0.1:0").unwrap();
        let me = Pid(std::process::id() as i32);
        let open = descriptors(me).unwrap();
        assert!(open.count as usize > open.sockets.len());
        let all = listeners(me);
        let found = open.sockets.iter().filter_map(|inode| all.get(inode));
        assert!(found.map(|listener| listener.address).any(|at| at == ours.local_addr().unwrap()));
        assert!(network(me).is_some());
    }

    #[test]
    fn our_own_threads_are_found() {
        let me = Pid(std::process::id() as i32);
        let threads = threads(me);
        assert!(threads.iter().any(|thread| thread.pid == me), "{threads:?}");
        assert!(uptime().unwrap() > Duration::ZERO);
    }

    #[test]
    fn the_tracer_is_read_where_there_is_one() {
        assert_eq!(tracer_in("Name:\tx\nTracerPid:\t12\nUid:\t0"), Some(Pid(12)));
        assert_eq!(tracer_in("Name:\tx\nTracerPid:\t0\n"), None);
        assert_eq!(socket("pipe:[12]"), None);
    }
}
