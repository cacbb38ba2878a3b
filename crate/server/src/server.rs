//! Putting it together: open the data folder, bind, serve, and stop without cutting anyone off.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{
        HeaderName, HeaderValue, Method,
        header::{
            ACCEPT_RANGES, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE, STRICT_TRANSPORT_SECURITY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::{self, Next},
    response::Response,
    serve::ListenerExt,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tower_http::{cors::CorsLayer, set_header::SetResponseHeaderLayer};

use crate::{
    api,
    app::App,
    clock::Clock,
    db::{Database, Db},
    objects, page,
    record::{Recorder, record},
    storage::{Limits, Storage},
};

/// How a server is to run.
pub struct Config {
    /// Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Everything that lasts; made if there is none.
    pub data: PathBuf,
    /// Where accounts are kept, if not in the data folder.
    pub database: Option<Database>,
    /// The built page.
    pub www: Option<PathBuf>,
    /// Other origins whose pages may use the API and the storage.
    pub origins: Vec<HeaderValue>,
    /// Browsers reach it through a proxy with TLS: tell them never to come without, and believe the proxy about where
    /// they come from.
    pub behind_tls: bool,
    pub limits: Limits,
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
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the page's folder {} does not exist; build the page, or give its folder with --www", .0.display())]
    NoPage(PathBuf),
    #[error("requests cannot be recorded in {}: {source}", folder.display())]
    Record { folder: PathBuf, source: io::Error },
}

/// A server that runs. Dropped, it stops at once.
pub struct Server {
    address: SocketAddr,
    app: App,
    grace: Duration,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
    _lock: File,
}

impl Server {
    /// Opens the data folder and listens; on return, requests are answered.
    ///
    /// # Errors
    /// [`StartError`], a sentence for the operator.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let Config { listen, data, database, www, origins, behind_tls, limits, record: recording, grace, clock } = config;
        if let Some(folder) = www.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(StartError::NoPage(folder.clone()));
        }
        let lock = lock(&data)?;
        let database = database.unwrap_or_else(|| database_in(&data));
        let app = open(&data, database, limits, behind_tls, clock.clone()).await?;
        let recorder = recording
            .map(|folder| Recorder::open(folder.clone(), clock).map_err(|source| StartError::Record { folder, source }))
            .transpose()?;
        let not_listening = |source| StartError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(not_listening)?;
        let address = listener.local_addr().map_err(not_listening)?;

        let router = router(&app, www.as_deref(), origins, behind_tls, recorder);
        let listener = listener.tap_io(|stream| {
            // Answers are small or whole buffers: nothing is gained by waiting for more.
            let _ = stream.set_nodelay(true);
        });
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async { stopped.await.unwrap_or_default() });
        Ok(Self { address, app, grace, stop, task: tokio::spawn(serving.into_future()), _lock: lock })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes how much may be stored, from the next object on.
    pub fn set_limits(&self, limits: Limits) {
        self.app.storage.set_limits(limits);
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

async fn open(data: &Path, database: Database, limits: Limits, behind_proxy: bool, clock: Clock) -> Result<App, StartError> {
    let storage = Storage::open(data, limits).map_err(|source| StartError::Data { folder: data.to_owned(), source })?;
    let failed = |error: crate::error::Error| StartError::Database { database: database.clone(), source: error.into_cause() };
    let db = Db::open(&database).await.map_err(failed)?;
    let secrets = db.secrets().await.map_err(failed)?;
    Ok(App::new(clock, db, storage, secrets, behind_proxy))
}

fn router(app: &App, www: Option<&Path>, origins: Vec<HeaderValue>, behind_tls: bool, recorder: Option<Recorder>) -> Router {
    let mut open_to_others = Router::new().nest("/api/v1", api::router()).nest("/storage", objects::router());
    if !origins.is_empty() {
        open_to_others = open_to_others.layer(cors(origins));
    }
    let mut router = Router::new()
        .merge(open_to_others)
        .merge(page::router(www))
        .layer(SetResponseHeaderLayer::overriding(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .layer(middleware::from_fn(log));
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
async fn log(request: Request, next: Next) -> Response {
    let (began, method) = (Instant::now(), request.method().clone());
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "page".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let (status, milliseconds) = (response.status().as_u16(), u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
    tracing::info!(%method, route, status, milliseconds);
    response
}
