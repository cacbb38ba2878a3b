//! Accounts, sign-ins and sessions, in SQL that SQLite and PostgreSQL both run. The only folder that knows the database.

mod budget;
mod erasure;
mod login;
mod session;
mod usage;
mod vault;

use std::{fmt, path::PathBuf, str::FromStr, sync::Once, time::Duration};

use sqlx::{
    AnyPool, ConnectOptions, Executor, SqlSafeStr,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::{Migration, MigrationType, Migrator},
    postgres::PgConnectOptions,
    sqlite::SqliteConnectOptions,
};
use tokio::{task::JoinSet, time::interval};
use zeroize::Zeroizing;

pub use self::{
    budget::Tariff,
    erasure::ErasureRow,
    login::LoginRow,
    session::SessionRow,
    vault::{NewSlot, NewVault},
};
use crate::{
    error::{Error, Result},
    name::VaultId,
    opaque::Opaque,
    secret::Secret,
};

const MIGRATIONS: [(i64, &str, &str); 5] = [
    (1, "accounts", include_str!("../../migrations/0001_accounts.sql")),
    (2, "sign in", include_str!("../../migrations/0002_sign_in.sql")),
    (3, "quota", include_str!("../../migrations/0003_quota.sql")),
    (4, "erasures", include_str!("../../migrations/0004_erasures.sql")),
    (5, "uploads that are due", include_str!("../../migrations/0005_uploads_due.sql")),
];

/// How often SQLite's log is taken into its file.
const CHECKPOINT: Duration = Duration::from_secs(1);

/// Which database.
#[derive(Clone)]
#[non_exhaustive]
pub enum Database {
    /// A file, made if there is none. One server's.
    Sqlite(PathBuf),
    /// `postgres://user:password@host/database`. Any number of servers share it.
    Postgres(String),
}

/// Without what stands in a URL: it may hold a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            Self::Postgres(_) => f.write_str("at the postgres:// address given"),
        }
    }
}

pub struct Db {
    pool: AnyPool,
    /// For what a power cut may take back: sums, which are counted anew, tries, logins under way and new sessions. SQLite does
    /// not wait for the disk there. What is written to `pool` later takes it along.
    light: AnyPool,
    /// For what every call looks up, and what others write must not hold up.
    reads: AnyPool,
    writers: Writers,
    /// Ends when dropped.
    _checkpoints: JoinSet<()>,
}

/// Who else may write while a transaction runs that reads before it writes.
#[derive(Clone, Copy)]
enum Writers {
    /// Nobody, once it has begun so: SQLite's.
    One,
    /// Everybody, but for what is locked: PostgreSQL's.
    Many,
}

impl Writers {
    fn begin(self) -> &'static str {
        match self {
            Self::One => "BEGIN IMMEDIATE",
            Self::Many => "BEGIN",
        }
    }

    /// Reads what vault `$1` stores, and lets nobody else change that until the transaction ends.
    fn lock(self) -> &'static str {
        match self {
            Self::One => "SELECT stored FROM vault WHERE id = $1",
            Self::Many => "SELECT stored FROM vault WHERE id = $1 FOR NO KEY UPDATE",
        }
    }
}

type Transaction = sqlx::Transaction<'static, sqlx::Any>;

/// `postgres://…` or `sqlite://FILE`.
impl FromStr for Database {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        match url.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(url.to_owned())),
            Some(("sqlite", file)) if !file.is_empty() => Ok(Self::Sqlite(file.into())),
            _ => Err("a database is postgres://USER:PASSWORD@HOST/NAME or sqlite://FILE".into()),
        }
    }
}

impl Database {
    fn options(&self) -> sqlx::Result<AnyConnectOptions> {
        match self {
            Self::Sqlite(file) => {
                AnyConnectOptions::from_url(&SqliteConnectOptions::new().filename(file).create_if_missing(true).to_url_lossy())
            }
            Self::Postgres(url) => {
                // The driver's own reading, for its errors; what it reads is the same URL.
                PgConnectOptions::from_str(url)?;
                AnyConnectOptions::from_str(url)
            }
        }
    }

    /// What every new connection is told.
    fn manners(&self) -> &'static str {
        match self {
            // The log may become 64 MiB before a commit has to take it into the file by itself: see `checkpoint`.
            Self::Sqlite(_) => {
                "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; \
                 PRAGMA wal_autocheckpoint = 16384"
            }
            Self::Postgres(_) => "SET default_transaction_isolation = 'read committed'; SET client_min_messages = warning",
        }
    }

    async fn pool(&self, connections: u32, more: &'static str) -> Result<AnyPool> {
        let manners = self.manners();
        let options = AnyPoolOptions::new().max_connections(connections).after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(manners).await?;
                connection.execute(more).await.map(|_| ())
            })
        });
        Ok(options.connect_with(self.options()?).await?)
    }
}

impl Db {
    /// Opens the database and brings its tables up to date.
    pub async fn open(database: &Database) -> Result<Self> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let mut checkpoints = JoinSet::new();
        let (pool, light, reads, writers) = match database {
            // An account that was confirmed survives a power cut. SQLite lets one write at a time: those who wait for the only
            // connection take their turns, while SQLite would have them look again and again.
            Database::Sqlite(_) => {
                let pool = database.pool(4, "").await?;
                checkpoints.spawn(checkpoint(pool.clone()));
                (pool, database.pool(1, "PRAGMA synchronous = NORMAL").await?, database.pool(2, "").await?, Writers::One)
            }
            Database::Postgres(_) => {
                let pool = database.pool(16, "").await?;
                (pool.clone(), pool.clone(), pool, Writers::Many)
            }
        };
        let migrations =
            MIGRATIONS.map(|(version, name, sql)| Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false));
        Migrator::with_migrations(migrations.into()).run(&pool).await.map_err(|e| Error::Unavailable(e.into()))?;
        Ok(Self { pool, light, reads, writers, _checkpoints: checkpoints })
    }

    pub async fn close(&self) {
        self.pool.close().await;
        self.light.close().await;
        self.reads.close().await;
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// The server's own secrets, drawn at the first start.
    pub async fn secrets(&self) -> Result<(Opaque, Secret)> {
        let drawn = (Opaque::generate(), Secret::random());
        sqlx::query("INSERT INTO server (id, opaque_setup, url_key) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(&drawn.0.to_bytes()[..])
            .bind(&drawn.1.expose()[..])
            .execute(&self.pool)
            .await?;
        let (setup, key): (Vec<u8>, Vec<u8>) =
            sqlx::query_as("SELECT opaque_setup, url_key FROM server WHERE id = 1").fetch_one(&self.pool).await?;
        let (setup, key) = (Zeroizing::new(setup), Zeroizing::new(key));
        Option::zip(Opaque::from_bytes(&setup), Secret::from_slice(&key))
            .ok_or_else(|| Error::Unavailable("the database's own secrets are damaged".into()))
    }

    /// Puts another OPAQUE setup in place of the present one.
    pub async fn replace_setup(&self, setup: &Opaque) -> Result<()> {
        sqlx::query("UPDATE server SET opaque_setup = $1 WHERE id = 1").bind(&setup.to_bytes()[..]).execute(&self.pool).await?;
        Ok(())
    }

    async fn begin(&self) -> Result<Transaction> {
        Ok(self.pool.begin_with(self.writers.begin()).await?)
    }

    async fn begin_light(&self) -> Result<Transaction> {
        Ok(self.light.begin_with(self.writers.begin()).await?)
    }
}

/// Takes SQLite's log into its file while others go on writing to it, since a commit that does so waits for the disk, and every other
/// commit for that one.
async fn checkpoint(pool: AnyPool) {
    let mut turn = interval(CHECKPOINT);
    loop {
        turn.tick().await;
        match sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&pool).await {
            Ok(_) => {}
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => tracing::warn!(%error, "the database's log was not taken into its file"),
        }
    }
}

fn vault_id(text: &str) -> Result<VaultId> {
    VaultId::parse(text).ok_or_else(|| Error::Unavailable("the database holds a vault id that is none".into()))
}
