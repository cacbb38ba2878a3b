//! A Ceph of our own (monitor, one OSD in memory, RADOS gateway): a real S3 server, gone when this process is.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use strongroom_server::S3Config;

/// It stops when standard input ends, as it does when this process dies of anything.
const KEEPER: &str = r#"
trap '' INT TERM
mon2=$1 mon1=$2 port=$3
dir=$(mktemp -d) && cd "$dir" || exit
cat >ceph.conf <<END
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = [v2:127.0.0.1:$mon2,v1:127.0.0.1:$mon1]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = $dir/keyring
run dir = $dir
admin socket = $dir/\$name.asok
pid file =
log file = $dir/\$name.log
crash dir = $dir/crash
mon data = $dir/mon
mon data avail crit = 1
mon data avail warn = 1
mon allow pool size one = true
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd class load list = *
osd class default list = *
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
rgw data = $dir/rgw
rgw frontends = beast endpoint=127.0.0.1:$port
END
mkdir mon osd rgw crash
ceph="-c $dir/ceph.conf"
{
    ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *'
    for name in client.admin client.rgw osd.0; do
        ceph-authtool keyring --gen-key -n $name --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
    done
    monmaptool --create --clobber --addv a "[v2:127.0.0.1:$mon2,v1:127.0.0.1:$mon1]" monmap
    ceph-mon $ceph --mkfs -i a --monmap monmap --keyring keyring
    ceph-mon $ceph -i a -f & pids=$!
    uuid=$(cat /proc/sys/kernel/random/uuid)
    ceph $ceph -n client.admin osd new "$uuid"
    ceph-osd $ceph -i 0 --mkfs --osd-uuid "$uuid"
    ceph-osd $ceph -i 0 -f & pids="$pids $!"
    radosgw $ceph -n client.rgw -f & pids="$pids $!"
    radosgw-admin $ceph -n client.rgw user create --uid=test --display-name=test --access-key=TESTKEY --secret=TESTSECRET
    curl --silent --show-error --fail --retry 600 --retry-connrefused --retry-delay 1 --retry-max-time 120 --output /dev/null \
        --aws-sigv4 aws:amz:us-east-1:s3 --user TESTKEY:TESTSECRET --header "x-amz-content-sha256: UNSIGNED-PAYLOAD" \
        --request PUT "http://127.0.0.1:$port/bucket"
    made=$?
} >log 2>&1
if [ "$made" = 0 ]; then echo ready; else echo failed; tail -n 20 log >&2; fi
read -r _
kill -KILL $pids
cd / && rm -rf "$dir"
"#;

struct Gateway {
    port: u16,
    /// Its standard input closes when this process ends.
    _keeper: Child,
}

static GATEWAY: OnceLock<Gateway> = OnceLock::new();

fn gateway() -> &'static Gateway {
    GATEWAY.get_or_init(|| {
        let free: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = free.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
        drop(free);
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).args(ports.iter().map(u16::to_string)).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = keeper.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "Ceph does not start; are Debian's radosgw, ceph-mon, ceph-osd and curl installed?");
        Gateway { port: ports[2], _keeper: keeper }
    })
}

/// A place of its own in the bucket.
pub async fn new_bucket() -> S3Config {
    static PLACES: AtomicU64 = AtomicU64::new(1);
    let port = tokio::task::spawn_blocking(|| gateway().port).await.unwrap();
    S3Config {
        endpoint: format!("http://127.0.0.1:{port}"),
        bucket: "bucket".into(),
        region: "us-east-1".into(),
        prefix: format!("test-{}/here", PLACES.fetch_add(1, Ordering::Relaxed)),
        virtual_host: false,
        key_id: "TESTKEY".into(),
        secret: "TESTSECRET".into(),
    }
}
