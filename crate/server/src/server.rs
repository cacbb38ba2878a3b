//! Putting it together: open the data folder, bind, serve, and stop without cutting anyone off.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{
        HeaderName, HeaderValue, Method,
        header::{
            ACCEPT_RANGES, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE, STRICT_TRANSPORT_SECURITY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::{self, Next},
    response::Response,
};
use tokio::{
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;
use tower_http::{cors::CorsLayer, set_header::SetResponseHeaderLayer};

use crate::{
    api,
    app::App,
    clock::{Clock, Millis},
    db::{Database, Db},
    health,
    listen::{self, Listener, Peer, TlsFiles},
    objects, page,
    record::{Recorder, record},
    storage::{Embedded, Limits, S3, S3Config, Storage},
    usage,
};

/// How a server is to run.
pub struct Config {
    /// Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Everything that lasts; made if there is none.
    pub data: PathBuf,
    /// Where accounts are kept, if not in the data folder.
    pub database: Option<Database>,
    /// Where objects are kept, if not in the data folder.
    pub bucket: Option<S3Config>,
    /// The built page.
    pub www: Option<PathBuf>,
    /// Other origins whose pages may use the API and the storage.
    pub origins: Vec<HeaderValue>,
    /// Browsers reach it through a proxy with TLS: tell them never to come without, and believe the proxy about where
    /// they come from.
    pub behind_tls: bool,
    pub limits: Limits,
    /// How long what a vault's owner wants erased can still be called off.
    pub erase_delay: Duration,
    /// The operator's own certificate. Without it the server speaks HTTP.
    pub tls: Option<TlsFiles>,
    /// Where `GET /metrics` is answered, if anywhere. Not for the public.
    pub metrics: Option<SocketAddr>,
    /// Where to record every request, whole. A diagnostic.
    pub record: Option<PathBuf>,
    /// How long requests under way may take to finish after [`Server::stop`].
    pub grace: Duration,
    pub clock: Clock,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    #[error("the data folder {} cannot be used: {source}", folder.display())]
    Data { folder: PathBuf, source: io::Error },
    #[error("another server is using the data folder {}; stop it, or give this one its own with --data", .0.display())]
    InUse(PathBuf),
    #[error("the database {database} cannot be opened: {source}")]
    Database { database: Database, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the bucket {place} cannot be used: {why}")]
    Bucket { place: String, why: String },
    #[error("cannot listen on {address}: {source}; choose another with {option}")]
    Listen { address: SocketAddr, source: io::Error, option: &'static str },
    #[error("the certificate cannot be used because of {}: {source}", file.display())]
    Tls { file: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the page's folder {} does not exist; build the page, or give its folder with --www", .0.display())]
    NoPage(PathBuf),
    #[error("requests cannot be recorded in {}: {source}", folder.display())]
    Record { folder: PathBuf, source: io::Error },
}

/// A server that runs. Dropped, it stops at once.
pub struct Server {
    /// For everyone, and for the operator.
    addresses: (SocketAddr, Option<SocketAddr>),
    app: App,
    grace: Duration,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
    /// Ends when dropped.
    _private: JoinSet<io::Result<()>>,
    _lock: File,
}

impl Server {
    /// Opens the data folder and listens; on return, requests are answered.
    ///
    /// # Errors
    /// [`StartError`], a sentence for the operator.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let Config {
            listen: listen_on,
            data,
            database,
            bucket,
            www,
            origins,
            behind_tls,
            limits,
            erase_delay,
            tls,
            metrics,
            record: recording,
            grace,
            clock,
        } = config;
        if let Some(folder) = www.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(StartError::NoPage(folder.clone()));
        }
        let lock = lock(&data)?;
        let database = database.unwrap_or_else(|| database_in(&data));
        let erase_delay = Millis::try_from(erase_delay.as_millis()).unwrap_or(Millis::MAX);
        let app = open(&data, database, bucket, limits, (behind_tls, erase_delay), clock.clone()).await?;
        let recorder = recording
            .map(|folder| Recorder::open(folder.clone(), clock).map_err(|source| StartError::Record { folder, source }))
            .transpose()?;
        let acceptor = tls.as_ref().map(listen::tls).transpose().map_err(|(file, source)| StartError::Tls { file, source })?;
        let listener = bind(listen_on, acceptor, "--listen").await?;
        let private = match metrics {
            Some(address) => Some(bind(address, None, "--metrics").await?),
            None => None,
        };
        let addresses = (listener.1, private.as_ref().map(|listener| listener.1));
        let mut private_task = JoinSet::new();
        if let Some((listener, _)) = private {
            private_task.spawn(axum::serve(listener, health::private(app.clone())).into_future());
        }

        let router = router(&app, www.as_deref(), origins, behind_tls || tls.is_some(), recorder);
        let listener = listener.0;
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, router.into_make_service_with_connect_info::<Peer>())
            .with_graceful_shutdown(async { stopped.await.unwrap_or_default() });
        Ok(Self { addresses, app, grace, stop, task: tokio::spawn(serving.into_future()), _private: private_task, _lock: lock })
    }

    pub fn address(&self) -> SocketAddr {
        self.addresses.0
    }

    /// Where `GET /metrics` is answered.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.addresses.1
    }

    /// Changes how much may be stored, from the next object on.
    pub fn set_limits(&self, limits: Limits) {
        if let Some(files) = self.app.storage.embedded() {
            files.set_limits(limits);
        }
    }

    /// Takes no new connections, lets requests under way finish, and closes the database. Whether all finished in time.
    pub async fn stop(mut self) -> bool {
        // Fails when the task has ended already.
        let _ = self.stop.send(());
        let finished = tokio::time::timeout(self.grace, &mut self.task).await.is_ok();
        self.task.abort();
        self.app.db.close().await;
        finished
    }
}

async fn bind(address: SocketAddr, tls: Option<TlsAcceptor>, option: &'static str) -> Result<(Listener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source, option };
    let listener = Listener::bind(address, tls).await.map_err(failed)?;
    let address = listener.address().map_err(failed)?;
    Ok((listener, address))
}

/// The database that a data folder has of its own.
pub fn database_in(data: &Path) -> Database {
    Database::Sqlite(data.join("accounts.sqlite"))
}

/// One server a data folder: the lock lasts as long as the file is open.
pub fn lock(data: &Path) -> Result<File, StartError> {
    let failed = |source| StartError::Data { folder: data.to_owned(), source };
    make_private(data).map_err(failed)?;
    let file = File::create(data.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(data.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The database holds the server's secrets: nobody else on the machine reads it.
fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

async fn open(
    data: &Path,
    database: Database,
    bucket: Option<S3Config>,
    limits: Limits,
    (behind_proxy, erase_delay): (bool, Millis),
    clock: Clock,
) -> Result<App, StartError> {
    let storage = match bucket {
        Some(bucket) => {
            let place = format!("{} at {}", bucket.bucket, bucket.endpoint);
            let bucket = S3::open(bucket, clock.clone()).await.map_err(|why| StartError::Bucket { place, why })?;
            let probe = bucket.probe();
            tracing::info!(level = ?probe.level, findings = ?probe.findings, "the bucket was tried out");
            Storage::S3(Arc::new(bucket))
        }
        None => {
            let files = Embedded::open(data, limits).map_err(|source| StartError::Data { folder: data.to_owned(), source })?;
            Storage::Embedded(Arc::new(files))
        }
    };
    let failed = |error: crate::error::Error| StartError::Database { database: database.clone(), source: error.into_cause() };
    let db = Db::open(&database).await.map_err(failed)?;
    let secrets = db.secrets().await.map_err(failed)?;
    let app = App::new(clock, db, storage, limits.vault, secrets, behind_proxy, erase_delay);
    usage::recount(&app).await.map_err(failed)?;
    Ok(app)
}

fn router(app: &App, www: Option<&Path>, origins: Vec<HeaderValue>, behind_tls: bool, recorder: Option<Recorder>) -> Router {
    let mut open_to_others = Router::new().nest("/api/v1", api::router()).nest("/storage", objects::router(app));
    if !origins.is_empty() {
        open_to_others = open_to_others.layer(cors(origins));
    }
    let mut router = Router::new()
        .merge(open_to_others)
        .merge(health::router())
        .merge(page::router(www))
        .layer(SetResponseHeaderLayer::overriding(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .layer(middleware::from_fn_with_state(app.clone(), log));
    if behind_tls {
        router = router.layer(SetResponseHeaderLayer::overriding(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000")));
    }
    if let Some(recorder) = recorder {
        router = router.layer(middleware::from_fn_with_state(recorder, record));
    }
    router.with_state(app.clone())
}

fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    let allowed: [HeaderName; 3] = [AUTHORIZATION, CONTENT_TYPE, RANGE];
    let exposed: [HeaderName; 3] = [ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE];
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT])
        .allow_headers(allowed)
        .expose_headers(exposed)
        .max_age(Duration::from_secs(2 * 60 * 60))
}

/// What was asked, by the route's pattern: never a path, which names vaults and objects.
async fn log(State(app): State<App>, request: Request, next: Next) -> Response {
    let (began, method) = (Instant::now(), request.method().clone());
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "page".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    app.metrics.request(&method, &route, status, took);
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status, milliseconds);
    response
}
