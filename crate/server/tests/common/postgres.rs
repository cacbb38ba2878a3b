//! A PostgreSQL of our own: reached by a socket in its own folder, gone when this process is.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use sqlx::{Connection, Executor, PgConnection};
use strongroom_server::Database;

/// PostgreSQL refuses to run as root. It stops when standard input ends, as it does when this process dies of anything.
const KEEPER: &str = r#"
trap '' INT TERM
dir=$(mktemp -d)
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
PATH=${bin:-}:$PATH
as=
if [ "$(id -u)" = 0 ]; then chown nobody "$dir"; as="setpriv --reuid=nobody --regid=nogroup --clear-groups"; fi
cd "$dir"
$as initdb -D "$dir/data" -U strongroom -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 &&
$as pg_ctl -D "$dir/data" -l "$dir/server.log" -w start >/dev/null \
    -o "-c listen_addresses= -c unix_socket_directories=$dir -c fsync=off -c max_connections=400 -c shared_buffers=64MB" &&
echo "$dir" || { echo "failed"; cat "$dir"/*log >&2; }
read -r _
$as pg_ctl -D "$dir/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$dir"
"#;

struct Cluster {
    folder: PathBuf,
    /// Its standard input closes when this process ends.
    _keeper: Child,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(|| {
        let mut keeper = Command::new("sh").args(["-c", KEEPER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let folder = PathBuf::from(line.trim_end());
        assert!(folder.is_absolute(), "PostgreSQL does not start; is Debian's `postgresql` installed? It said {line:?}");
        Cluster { folder, _keeper: keeper }
    })
}

fn url(database: &str) -> String {
    format!("postgres://strongroom@localhost/{database}?host={}", cluster().folder.display())
}

/// An empty database.
pub async fn new_database() -> Database {
    static DATABASES: AtomicU64 = AtomicU64::new(1);
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let maintenance = tokio::task::spawn_blocking(|| url("postgres")).await.unwrap();
    let mut connection = PgConnection::connect(&maintenance).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    url(&name).parse().unwrap()
}
