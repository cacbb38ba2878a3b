//! Real S3 servers of our own, started once for this process and gone with it: a Ceph and a Garage.

use std::{
    env,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use strongroom_server::S3Config;

/// A kind of S3 server. They differ in what they enforce.
#[derive(Clone, Copy, Debug)]
pub enum Make {
    Ceph,
    Garage,
}

struct Running {
    port: u16,
    /// Its standard input closes when this process ends, and then it stops.
    _keeper: Child,
}

/// A place of its own in a bucket of that make.
pub async fn place(make: Make) -> S3Config {
    static CEPH: OnceLock<Running> = OnceLock::new();
    static GARAGE: OnceLock<Running> = OnceLock::new();
    let port = tokio::task::spawn_blocking(move || match make {
        Make::Ceph => CEPH.get_or_init(ceph).port,
        Make::Garage => GARAGE.get_or_init(|| garage("bucket", ".garage.test")).port,
    });
    let port = port.await.unwrap();
    config(make, format!("http://127.0.0.1:{port}"), "bucket")
}

/// A bucket of Garage whose address has the bucket in the host: `http://127` + `.0.0.1:port`, so that no name has to be resolved.
pub async fn virtual_host() -> S3Config {
    static GARAGE: OnceLock<Running> = OnceLock::new();
    let port = tokio::task::spawn_blocking(|| GARAGE.get_or_init(|| garage("127", ".0.0.1")).port).await.unwrap();
    S3Config { virtual_host: true, ..config(Make::Garage, format!("http://0.0.1:{port}"), "127") }
}

fn config(make: Make, endpoint: String, bucket: &str) -> S3Config {
    static PLACES: AtomicU64 = AtomicU64::new(1);
    let (region, key_id, secret) = match make {
        Make::Ceph => ("us-east-1", "TESTKEY", "TESTSECRET".to_owned()),
        Make::Garage => ("garage", "GK0123456789abcdef01234567", "0123456789abcdef".repeat(4)),
    };
    let prefix = format!("test-{}/here", PLACES.fetch_add(1, Ordering::Relaxed));
    let (bucket, region, key_id) = (bucket.into(), region.into(), key_id.into());
    S3Config { endpoint, bucket, region, prefix, virtual_host: false, key_id, secret, session_token: None }
}

fn ceph() -> Running {
    let ports = free_ports::<3>();
    let arguments = ports.iter().map(u16::to_string).collect();
    start("ceph.sh", arguments, ports[2], "Debian's radosgw, ceph-mon, ceph-osd, ceph-common and curl")
}

fn garage(bucket: &str, root_domain: &str) -> Running {
    let program = env::var_os("STRONGROOM_GARAGE").map_or_else(|| top().join("target/garage/bin/garage"), PathBuf::from);
    let [rpc, port] = free_ports();
    let program = program.to_str().expect("a path in Unicode").to_owned();
    let arguments = vec![program, rpc.to_string(), port.to_string(), bucket.to_owned(), root_domain.to_owned()];
    start("garage.sh", arguments, port, "Garage (cargo xtask test storage builds it) and Debian's curl")
}

fn start(script: &str, arguments: Vec<String>, port: u16, wants: &str) -> Running {
    let mut keeper = Command::new("sh");
    keeper.arg(top().join("tests/buckets").join(script)).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut keeper = keeper.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n", "{script} does not start; is everything installed? It wants {wants}.");
    Running { port, _keeper: keeper }
}

fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let free: Vec<TcpListener> = (0..COUNT).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    std::array::from_fn(|at| free[at].local_addr().unwrap().port())
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crate/server lies two folders below the top")
}
