//! What vaults store, and what was granted to them but has not been seen yet.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use super::{Db, Transaction, Writers};
use crate::{
    clock::Millis,
    error::{Error, Result},
    name::VaultId,
};

/// Bytes of one vault.
pub struct Usage {
    /// Of objects that were seen.
    pub stored: u64,
    /// Of grants that may still be used.
    pub reserved: u64,
}

/// What had expired.
pub struct Expired {
    /// Paths that were granted and have not been seen.
    pub pending: Vec<String>,
    /// Something that was settled need not be remembered any longer.
    pub settled: bool,
}

/// Bytes of the vault `$1`'s grants that may still be used at `$2`.
macro_rules! reserved {
    () => {
        "SELECT CAST(COALESCE(SUM(length), 0) AS BIGINT) FROM upload WHERE vault = $1 AND settled = 0 AND expires > $2"
    };
}

impl Db {
    /// Reserves room for these objects, all of them or none, until then. A path that is reserved already stays so, once.
    ///
    /// # Errors
    /// `storage_full` when they would go beyond the quota.
    pub async fn reserve(
        &self,
        vault: &VaultId,
        uploads: &BTreeMap<String, u64>,
        quota: Option<u64>,
        now: Millis,
        until: Millis,
    ) -> Result<()> {
        let wishes: Vec<String> = (0..uploads.len()).map(|at| format!("(${}, ${})", at * 2 + 5, at * 2 + 6)).collect();
        // What was settled is counted already, and what was reserved is reserved anew. One statement, since on SQLite all others wait for it.
        // The sum over everything is an index's alone.
        let sql = format!(
            "WITH wish (path, length) AS (VALUES {}) INSERT INTO upload AS u (vault, path, length, settled, expires) \
             SELECT $1, path, length, 0, $3 FROM wish WHERE $4 >= (SELECT stored FROM vault WHERE id = $1) \
             + (SELECT COALESCE(SUM(length), 0) FROM upload WHERE vault = $1 AND settled = 0 AND expires > $2) \
             + (SELECT COALESCE(SUM(wish.length - CASE WHEN known.expires > $2 THEN known.length ELSE 0 END), 0) \
             FROM wish LEFT JOIN upload AS known ON known.vault = $1 AND known.path = wish.path \
             WHERE known.settled IS NULL OR known.settled = 0) \
             ON CONFLICT (vault, path) DO UPDATE SET expires = excluded.expires, length = excluded.length WHERE u.settled = 0",
            wishes.join(", "),
        );
        let quota = quota.map_or(i64::MAX, u64::cast_signed);
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(vault.as_str()).bind(now).bind(until).bind(quota);
        for (path, length) in uploads {
            query = query.bind(path.as_str()).bind(length.cast_signed());
        }
        let reserved = match self.writers {
            Writers::One => query.execute(&self.light).await?,
            Writers::Many => {
                let mut transaction = self.begin_light().await?;
                self.lock(&mut transaction, vault).await?;
                let reserved = query.execute(&mut *transaction).await?;
                transaction.commit().await?;
                reserved
            }
        };
        if reserved.rows_affected() == 0 && !self.are_settled(vault, uploads).await? {
            return Err(Error::QuotaFull);
        }
        Ok(())
    }

    /// Whether all of these are counted already.
    async fn are_settled(&self, vault: &VaultId, uploads: &BTreeMap<String, u64>) -> Result<bool> {
        let paths: Vec<String> = (0..uploads.len()).map(|at| format!("${}", at + 2)).collect();
        let sql = format!("SELECT COUNT(*) FROM upload WHERE vault = $1 AND settled = 1 AND path IN ({})", paths.join(", "));
        let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(vault.as_str());
        for path in uploads.keys() {
            query = query.bind(path.as_str());
        }
        let (settled,): (i64,) = query.fetch_one(&self.light).await?;
        Ok(settled == uploads.len() as i64)
    }

    /// An object was seen: its grant is used, and `length` more bytes are stored. Remembered until `until`, so that the
    /// same object is not counted twice.
    pub async fn settle(&self, vault: &VaultId, path: &str, length: u64, until: Millis) -> Result<()> {
        let mut transaction = self.begin_light().await?;
        self.lock(&mut transaction, vault).await?;
        let settled = sqlx::query(
            "INSERT INTO upload AS u (vault, path, length, settled, expires) VALUES ($1, $2, $3, 1, $4) \
             ON CONFLICT (vault, path) DO UPDATE SET settled = 1, length = excluded.length, expires = excluded.expires WHERE u.settled = 0",
        )
        .bind(vault.as_str())
        .bind(path)
        .bind(length.cast_signed())
        .bind(until)
        .execute(&mut *transaction)
        .await?;
        if settled.rows_affected() > 0 {
            sqlx::query("UPDATE vault SET stored = stored + $1 WHERE id = $2")
                .bind(length.cast_signed())
                .bind(vault.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// A grant is used up without there being more stored.
    pub async fn release(&self, vault: &VaultId, path: &str) -> Result<()> {
        sqlx::query("DELETE FROM upload WHERE vault = $1 AND path = $2 AND settled = 0")
            .bind(vault.as_str())
            .bind(path)
            .execute(&self.light)
            .await?;
        Ok(())
    }

    /// Some of what was granted and has not been seen.
    pub async fn pending_uploads(&self, vault: &VaultId) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT path FROM upload WHERE vault = $1 AND settled = 0 ORDER BY expires LIMIT 256")
            .bind(vault.as_str())
            .fetch_all(&self.reads)
            .await?;
        Ok(rows.into_iter().map(|(path,)| path).collect())
    }

    /// What had expired by then, some of it.
    pub async fn expired_uploads(&self, vault: &VaultId, now: Millis) -> Result<Expired> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT path, settled FROM upload WHERE vault = $1 AND settled IN (0, 1) AND expires <= $2 ORDER BY settled, expires LIMIT 256",
        )
        .bind(vault.as_str())
        .bind(now)
        .fetch_all(&self.reads)
        .await?;
        let settled = rows.last().is_some_and(|(_, settled)| *settled == 1);
        Ok(Expired { pending: rows.into_iter().filter(|(_, settled)| *settled == 0).map(|(path, _)| path).collect(), settled })
    }

    /// Forgets what was settled and had expired by then.
    pub async fn forget_settled(&self, vault: &VaultId, now: Millis) -> Result<()> {
        sqlx::query("DELETE FROM upload WHERE vault = $1 AND settled = 1 AND expires <= $2")
            .bind(vault.as_str())
            .bind(now)
            .execute(&self.light)
            .await?;
        Ok(())
    }

    /// What was granted and has not been seen, some of it, by path after that one.
    pub async fn pending_after(&self, vault: &VaultId, path: &str) -> Result<Vec<String>> {
        let rows: Vec<(String,)> =
            sqlx::query_as("SELECT path FROM upload WHERE vault = $1 AND settled = 0 AND path > $2 ORDER BY path LIMIT 256")
                .bind(vault.as_str())
                .bind(path)
                .fetch_all(&self.reads)
                .await?;
        Ok(rows.into_iter().map(|(path,)| path).collect())
    }

    pub async fn usage(&self, vault: &VaultId, now: Millis) -> Result<Usage> {
        let (stored, reserved): (i64, i64) = sqlx::query_as(concat!("SELECT stored, (", reserved!(), ") FROM vault WHERE id = $1"))
            .bind(vault.as_str())
            .bind(now)
            .fetch_one(&self.reads)
            .await?;
        Ok(Usage { stored: stored.cast_unsigned(), reserved: reserved.cast_unsigned() })
    }

    /// What a listing of the whole vault has found.
    pub async fn set_stored(&self, vault: &VaultId, stored: u64) -> Result<()> {
        sqlx::query("UPDATE vault SET stored = $1 WHERE id = $2")
            .bind(stored.cast_signed())
            .bind(vault.as_str())
            .execute(&self.light)
            .await?;
        Ok(())
    }

    pub async fn vault_ids(&self) -> Result<Vec<VaultId>> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT id FROM vault ORDER BY id").fetch_all(&self.light).await?;
        rows.iter().map(|(id,)| super::vault_id(id)).collect()
    }
}

impl Db {
    /// Lets nobody else change what the vault stores until the transaction ends; what it stores.
    pub(super) async fn lock(&self, transaction: &mut Transaction, vault: &VaultId) -> Result<u64> {
        let (stored,): (i64,) = sqlx::query_as(self.writers.lock()).bind(vault.as_str()).fetch_one(&mut **transaction).await?;
        Ok(stored.cast_unsigned())
    }
}

pub(super) async fn reserved(transaction: &mut Transaction, vault: &VaultId, now: Millis) -> Result<u64> {
    let (reserved,): (i64,) = sqlx::query_as(reserved!()).bind(vault.as_str()).bind(now).fetch_one(&mut **transaction).await?;
    Ok(reserved.cast_unsigned())
}
