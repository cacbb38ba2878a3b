//! `strongroom-server`: the options, the line that says where it listens, and the signals that stop it.

use std::{
    io::{IsTerminal, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use strongroom_server::{Clock, Config, DEFAULT_RESERVE, Database, Limits, S3Config, Server, TlsFiles, database_in, lock, setup};
use tracing::Level;

/// Strongroom's server: the page, the broker and the storage in one program.
///
/// Browsers encrypt before they send: this server stores ciphertext and cannot read it.
///
/// It prints one line on standard output when it is ready, `listening on http://ADDRESS`, and logs to standard error,
/// without names, paths or keys. It speaks HTTP: to be reached from elsewhere, give it a certificate (--tls-cert,
/// --tls-key), or put a TLS proxy in front of it and say --behind-tls. SIGTERM and SIGINT stop it, after the requests under way (10 seconds at most).
#[derive(Parser)]
#[command(name = "strongroom-server", version, after_long_help = DATA)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,

    /// Where everything is kept (see below); made if there is none.
    #[arg(long, value_name = "DIR", default_value = "strongroom-data", global = true)]
    data: PathBuf,

    /// Where accounts are kept: `postgres://USER:PASSWORD@HOST/NAME`. Servers that share it must share a bucket, too. Passwords are better
    /// given as STRONGROOM_DATABASE than on the command line. [default: accounts.sqlite in the data folder]
    #[arg(long, value_name = "URL", env = "STRONGROOM_DATABASE", hide_env_values = true, global = true)]
    database: Option<Database>,

    /// Address and port to listen on. Port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4180")]
    listen: SocketAddr,

    #[command(flatten)]
    bucket: Bucket,

    /// The built page. [default: the folder `www` beside this program, if there is one]
    #[arg(long, value_name = "DIR")]
    www: Option<PathBuf>,

    /// Browsers reach this server through a proxy with TLS: send Strict-Transport-Security, and count tries to sign in
    /// by the last address of X-Forwarded-For, which the proxy must set.
    #[arg(long)]
    behind_tls: bool,

    /// Speak TLS by this certificate (PEM, with those between it and the root), instead of leaving that to a proxy.
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with = "behind_tls")]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Answer GET /metrics (Prometheus), /health and /ready on this address, which only the operator should reach.
    /// /health (it runs) and /ready (it can do its work) are answered on the main address, too. [default: no metrics]
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,

    /// A page of this origin (`https://example.com`) may use the API and the storage too. May be repeated.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    allow_origin: Vec<axum::http::HeaderValue>,

    /// The most that all objects together may take, in bytes. More is refused as `storage_full`. [default: no limit]
    #[arg(long, value_name = "BYTES")]
    storage_limit: Option<u64>,

    /// The most that one vault may store, in bytes. More is refused as `storage_full`. [default: no limit]
    #[arg(long, value_name = "BYTES")]
    vault_quota: Option<u64>,

    /// What stays free on the disk, in bytes. An object that would take it is refused as `storage_full`.
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_RESERVE)]
    reserve: u64,

    /// How long what a vault's owner wants erased waits, by this server's clock, shown at every sign-in and to be called off: in days,
    /// hours, minutes or seconds, such as 7d, 12h, 30m, 10s.
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = delay)]
    erase_delay: Duration,

    /// How much to log: error, warn, info or debug.
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    log: Level,

    /// How to log: text for people, json for machines (one object a line).
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,

    /// Also write the `listening on` line to this file once ready.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,

    /// A diagnostic: write every request, whole, to files in this folder, to see what arrives here and what does not.
    ///
    /// Request n becomes n.json (method, path, query, headers) and n.body. They hold sessions' tokens and the names of
    /// vaults: delete them after use. Never for daily work.
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// The OPAQUE setup, the server's own key for sign-in: copy it to a safe place, or bring it back.
    ///
    /// Lost without a copy: nobody signs in any more, by passphrase or recovery phrase, even if every account is there.
    /// The backups are not lost: the command line restores from the objects with the recovery phrase.
    #[command(subcommand)]
    Setup(Setup),
}

#[derive(Subcommand)]
enum Setup {
    /// Write the OPAQUE setup to a new file, readable by you only. The server may be running.
    ///
    /// Keep it apart from copies of the database: who has both can try passphrases, at the cost of 64 MiB of Argon2id each.
    Export {
        /// The file to make.
        file: PathBuf,
    },
    /// Put the OPAQUE setup of a file in place of the database's. The server must be stopped.
    Import {
        /// A file that `setup export` wrote.
        file: PathBuf,
        /// Also when vaults are registered under another setup: their owners cannot sign in under this one.
        #[arg(long)]
        replace: bool,
    },
}

/// Where objects are kept, if not in the data folder.
#[derive(Args)]
struct Bucket {
    /// Keep objects in this bucket that speaks S3, instead of in the data folder.
    ///
    /// Browsers reach it by presigned URLs, so it needs CORS for the page's origin. At its start the server tries out what
    /// the bucket does, and says in `about` which protection that gives: immutable, append-only or tamper-evident.
    #[arg(long, value_name = "NAME", env = "STRONGROOM_S3_BUCKET", requires_all = ["s3_endpoint", "s3_key_id", "s3_secret"])]
    s3_bucket: Option<String>,

    /// The bucket's server, `https://s3.eu-central-1.amazonaws.com`.
    #[arg(long, value_name = "URL", env = "STRONGROOM_S3_ENDPOINT")]
    s3_endpoint: Option<String>,

    /// The region to sign for.
    #[arg(long, value_name = "REGION", env = "STRONGROOM_S3_REGION", default_value = "us-east-1")]
    s3_region: String,

    /// In front of the names of all objects.
    #[arg(long, value_name = "PREFIX", env = "STRONGROOM_S3_PREFIX", default_value = "")]
    s3_prefix: String,

    /// Address the bucket as https://BUCKET.HOST/ instead of https://HOST/BUCKET/.
    #[arg(long)]
    s3_virtual_host: bool,

    /// The access key's id.
    #[arg(long, value_name = "ID", env = "STRONGROOM_S3_KEY_ID", hide_env_values = true)]
    s3_key_id: Option<String>,

    /// The access key's secret. Better given as STRONGROOM_S3_SECRET than on the command line.
    #[arg(long, value_name = "SECRET", env = "STRONGROOM_S3_SECRET", hide_env_values = true)]
    s3_secret: Option<String>,
}

impl Bucket {
    fn config(self) -> Result<Option<S3Config>, &'static str> {
        let Some(bucket) = self.s3_bucket else { return Ok(None) };
        let (Some(endpoint), Some(key_id), Some(secret)) = (self.s3_endpoint, self.s3_key_id, self.s3_secret) else {
            return Err("--s3-bucket wants --s3-endpoint, --s3-key-id and --s3-secret");
        };
        let (region, prefix, virtual_host) = (self.s3_region, self.s3_prefix, self.s3_virtual_host);
        // A server runs longer than keys that come with a session token.
        Ok(Some(S3Config { endpoint, bucket, region, prefix, virtual_host, key_id, secret, session_token: None }))
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

const DATA: &str = "\
The data folder:
  accounts.sqlite  accounts, key slots, sessions, and the server's own keys for sign-in and for signing URLs
                   (with --database postgres://… they are there).
                   Back it up together with the objects (`sqlite3 accounts.sqlite '.backup copy.sqlite'`), and its
                   OPAQUE setup apart from it (`strongroom-server setup export FILE`).
                   Lost: nobody signs in any more, by passphrase or recovery phrase. The backups are not lost:
                   the command line restores from the objects with the recovery phrase (`strongroom restore`).
                   Leaked: who has it can try passphrases, at the cost of 64 MiB of Argon2id each; no vault opens by it.
  objects/         the ciphertext, <vault>/<kind>/<name>. Copy it at any time; files are never changed or deleted.
                   Lost: the backups are lost.
  incoming/        objects that are arriving; emptied at every start. Must be in the same file system as objects/.
  lock             keeps a second server out.";

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(options.log);
    match options.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
    }
    let done = match options.command {
        Some(Command::Setup(_)) => set_up(options).await,
        None => run(options).await,
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("strongroom-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<ExitCode, Box<dyn std::error::Error>> {
    if let Some(folder) = &options.record {
        eprintln!(
            "RECORDING every request, with tokens and names, in {}. This is a diagnostic: turn it off for daily work.",
            folder.display()
        );
    }
    // Before it says that it listens, so that no signal after that is missed.
    let mut signals = Signals::new()?;
    let tls = options.tls_cert.zip(options.tls_key).map(|(certificates, key)| TlsFiles { certificates, key });
    let is_tls = tls.is_some();
    let server = Server::start(Config {
        listen: options.listen,
        data: options.data,
        database: options.database,
        bucket: options.bucket.config()?,
        www: options.www.or_else(page_beside_program),
        origins: options.allow_origin,
        behind_tls: options.behind_tls,
        limits: Limits { total: options.storage_limit, reserve: options.reserve, vault: options.vault_quota },
        erase_delay: options.erase_delay,
        tls,
        metrics: options.metrics,
        record: options.record,
        grace: Duration::from_secs(10),
        clock: Clock::system(),
    })
    .await?;

    let scheme = if is_tls { "https" } else { "http" };
    let ready = format!("listening on {scheme}://{}\n", server.address());
    std::io::stdout().write_all(ready.as_bytes())?;
    std::io::stdout().flush()?;
    if let Some(file) = options.ready_file {
        std::fs::write(file, ready)?;
    }
    signals.next().await;
    if server.stop().await {
        Ok(ExitCode::SUCCESS)
    } else {
        eprintln!("strongroom-server: stopped; some requests did not finish in time and were cut off");
        Ok(ExitCode::FAILURE)
    }
}

async fn set_up(options: Options) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let Options { command: Some(Command::Setup(command)), data, database, .. } = options else { unreachable!("main looked") };
    match command {
        Setup::Export { file } => setup::export(&existing(database, &data)?, &file).await?,
        Setup::Import { file, replace } => {
            let _lock = lock(&data)?;
            setup::import(&database.unwrap_or_else(|| database_in(&data)), &file, replace).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A mistyped folder must not export the setup of a database that was just made.
fn existing(database: Option<Database>, data: &Path) -> Result<Database, String> {
    let database = database.unwrap_or_else(|| database_in(data));
    match &database {
        Database::Sqlite(file) if !file.is_file() => {
            Err(format!("there is no database {}; give the data folder with --data", file.display()))
        }
        _ => Ok(database),
    }
}

fn page_beside_program() -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.join("www");
    folder.is_dir().then_some(folder)
}

/// `7d`, `12h`, `30m` or `10s`.
fn delay(text: &str) -> Result<Duration, String> {
    let wrong = || "a time is a number and a unit, such as 7d, 12h, 30m or 10s".to_owned();
    let unit = match text.chars().last() {
        Some('d') => 24 * 60 * 60,
        Some('h') => 60 * 60,
        Some('m') => 60,
        Some('s') => 1,
        _ => return Err(wrong()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    Ok(Duration::from_secs(u64::from(number) * unit))
}

/// `scheme://host` with an optional port, as browsers write it.
fn origin(text: &str) -> Result<axum::http::HeaderValue, String> {
    let uri: axum::http::Uri = text.parse().map_err(|_| "an origin is like https://example.com".to_owned())?;
    let plain =
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some() && !text.ends_with('/') && uri.path() == "/";
    if plain {
        Ok(text.parse().expect("a URI is a header value"))
    } else {
        Err("an origin is like https://example.com, without a path".into())
    }
}

/// What stops the server.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without a handler there is nothing to wait for but the end of the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
