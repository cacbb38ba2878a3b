//! Accounts and sessions, in SQL that SQLite and PostgreSQL both run. The only file that knows the database.

use std::path::Path;

use sqlx::{
    SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use zeroize::Zeroizing;

use crate::{
    clock::Millis,
    error::{Error, Result},
    name::{VaultId, VaultName},
    opaque::Opaque,
    secret::Secret,
    slot::SlotKind,
};

const MIGRATIONS: [(i64, &str, &str); 1] = [(1, "accounts", include_str!("../migrations/0001_accounts.sql"))];

pub struct Db {
    pool: SqlitePool,
}

/// A vault to be made, checked already.
pub struct NewVault<'a> {
    pub id: &'a VaultId,
    pub name: &'a VaultName,
    pub slots: &'a [NewSlot],
}

pub struct NewSlot {
    pub kind: SlotKind,
    pub record: Vec<u8>,
    pub object: Vec<u8>,
}

/// A vault that is made, but not yet for good. Dropped without [`commit`](Self::commit) it never was.
pub struct Registration {
    transaction: sqlx::SqliteTransaction<'static>,
}

/// A session as the database knows it.
pub struct SessionRow {
    pub vault: VaultId,
    pub started: Millis,
    pub expires: Millis,
}

impl Db {
    /// Opens the database file, makes it if there is none, and brings its tables up to date.
    pub async fn open(file: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An account that was confirmed survives a power cut.
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        let migrations =
            MIGRATIONS.map(|(version, name, sql)| Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false));
        Migrator::with_migrations(migrations.into()).run(&pool).await.map_err(|e| Error::Unavailable(e.into()))?;
        Ok(Self { pool })
    }

    pub async fn close(&self) {
        self.pool.close().await;
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

    pub async fn is_taken(&self, name: &VaultName) -> Result<bool> {
        let row: Option<(i64,)> =
            sqlx::query_as("SELECT 1 FROM vault WHERE name = $1").bind(name.as_str()).fetch_optional(&self.pool).await?;
        Ok(row.is_some())
    }

    /// Makes a vault and its slots in a transaction that the caller commits.
    ///
    /// # Errors
    /// `name_taken`; `bad_request` when the id is in use.
    pub async fn register(&self, vault: NewVault<'_>, now: Millis) -> Result<Registration> {
        let mut transaction = self.pool.begin().await?;
        let inserted = sqlx::query("INSERT INTO vault (id, name, made) VALUES ($1, $2, $3)")
            .bind(vault.id.as_str())
            .bind(vault.name.as_str())
            .bind(now)
            .execute(&mut *transaction)
            .await;
        match inserted {
            Err(sqlx::Error::Database(e)) if e.is_unique_violation() => {
                transaction.rollback().await?;
                return Err(if self.is_taken(vault.name).await? { Error::NameTaken } else { Error::bad("that vault id is in use.") });
            }
            other => other?,
        };
        for slot in vault.slots {
            sqlx::query("INSERT INTO slot (vault, kind, record, object) VALUES ($1, $2, $3, $4)")
                .bind(vault.id.as_str())
                .bind(slot.kind.as_str())
                .bind(&slot.record)
                .bind(&slot.object)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(Registration { transaction })
    }

    /// The vault of that name, and its OPAQUE record of that kind.
    pub async fn record(&self, name: &VaultName, kind: SlotKind) -> Result<Option<(VaultId, Vec<u8>)>> {
        let row: Option<(String, Vec<u8>)> = sqlx::query_as(
            "SELECT vault.id, slot.record FROM vault JOIN slot ON slot.vault = vault.id WHERE vault.name = $1 AND slot.kind = $2",
        )
        .bind(name.as_str())
        .bind(kind.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(vault, record)| Ok((vault_id(&vault)?, record))).transpose()
    }

    pub async fn slot(&self, vault: &VaultId, kind: SlotKind) -> Result<Vec<u8>> {
        let (object,): (Vec<u8>,) = sqlx::query_as("SELECT object FROM slot WHERE vault = $1 AND kind = $2")
            .bind(vault.as_str())
            .bind(kind.as_str())
            .fetch_one(&self.pool)
            .await?;
        Ok(object)
    }

    /// Keeps a session by its token's hash, and forgets those that have ended.
    pub async fn add_session(&self, token: &[u8; 32], row: &SessionRow) -> Result<()> {
        sqlx::query("DELETE FROM session WHERE expires <= $1").bind(row.started).execute(&self.pool).await?;
        sqlx::query("INSERT INTO session (token, vault, scope, started, expires) VALUES ($1, $2, 'append', $3, $4)")
            .bind(&token[..])
            .bind(row.vault.as_str())
            .bind(row.started)
            .bind(row.expires)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn session(&self, token: &[u8; 32], now: Millis) -> Result<Option<SessionRow>> {
        let row: Option<(String, Millis, Millis)> =
            sqlx::query_as("SELECT vault, started, expires FROM session WHERE token = $1 AND expires > $2 AND scope = 'append'")
                .bind(&token[..])
                .bind(now)
                .fetch_optional(&self.pool)
                .await?;
        row.map(|(vault, started, expires)| Ok(SessionRow { vault: vault_id(&vault)?, started, expires })).transpose()
    }

    pub async fn extend_session(&self, token: &[u8; 32], expires: Millis) -> Result<()> {
        sqlx::query("UPDATE session SET expires = $1 WHERE token = $2").bind(expires).bind(&token[..]).execute(&self.pool).await?;
        Ok(())
    }

    pub async fn end_session(&self, token: &[u8; 32]) -> Result<()> {
        sqlx::query("DELETE FROM session WHERE token = $1").bind(&token[..]).execute(&self.pool).await?;
        Ok(())
    }
}

impl Registration {
    pub async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}

fn vault_id(text: &str) -> Result<VaultId> {
    VaultId::parse(text).ok_or_else(|| Error::Unavailable("the database holds a vault id that is none".into()))
}
