//! `strongroom-server`: the options, the line that says where it listens, and the signals that stop it.

use std::{
    io::{IsTerminal, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use strongroom_server::{Clock, Config, DEFAULT_RESERVE, Limits, Server};
use tracing::Level;

/// Strongroom's server: the page, the broker and the storage in one program.
///
/// Browsers encrypt before they send: this server stores ciphertext and cannot read it.
///
/// It prints one line on standard output when it is ready, `listening on http://ADDRESS`, and logs to standard error,
/// without names, paths or keys. It speaks HTTP: to be reached from elsewhere, put a TLS proxy in front of it and say
/// --behind-tls. SIGTERM and SIGINT stop it, after the requests under way (10 seconds at most).
#[derive(Parser)]
#[command(name = "strongroom-server", version, after_long_help = DATA)]
struct Options {
    /// Where everything is kept (see below); made if there is none.
    #[arg(long, value_name = "DIR", default_value = "strongroom-data")]
    data: PathBuf,

    /// Address and port to listen on. Port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4180")]
    listen: SocketAddr,

    /// The built page. [default: the folder `www` beside this program, if there is one]
    #[arg(long, value_name = "DIR")]
    www: Option<PathBuf>,

    /// Browsers reach this server through TLS: send Strict-Transport-Security.
    #[arg(long)]
    behind_tls: bool,

    /// A page of this origin (`https://example.com`) may use the API and the storage too. May be repeated.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    allow_origin: Vec<axum::http::HeaderValue>,

    /// The most that all objects together may take, in bytes. More is refused as `storage_full`. [default: no limit]
    #[arg(long, value_name = "BYTES")]
    storage_limit: Option<u64>,

    /// What stays free on the disk, in bytes. An object that would take it is refused as `storage_full`.
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_RESERVE)]
    reserve: u64,

    /// How much to log: error, warn, info or debug.
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    log: Level,

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

const DATA: &str = "\
The data folder:
  accounts.sqlite  accounts, key slots, sessions, and the server's own keys for sign-in and for signing URLs.
                   Back it up together with the objects (`sqlite3 accounts.sqlite '.backup copy.sqlite'`).
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
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal()).with_max_level(options.log).init();
    match run(options).await {
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
    let server = Server::start(Config {
        listen: options.listen,
        data: options.data,
        www: options.www.or_else(page_beside_program),
        origins: options.allow_origin,
        behind_tls: options.behind_tls,
        limits: Limits { total: options.storage_limit, reserve: options.reserve },
        record: options.record,
        grace: Duration::from_secs(10),
        clock: Clock::system(),
    })
    .await?;

    let ready = format!("listening on http://{}\n", server.address());
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

fn page_beside_program() -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.join("www");
    folder.is_dir().then_some(folder)
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
