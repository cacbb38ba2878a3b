//! What is marked to be erased.

use sqlx::AssertSqlSafe;

use super::Db;
use crate::{
    clock::Millis,
    error::{Error, Result},
    name::VaultId,
};

/// Tombstones that a vault may have pending, and objects under each (FORMAT.md §13): so a list of them stays short.
const TOMBSTONES_MAX: i64 = 64;
const OBJECTS_MAX: i64 = 65_536;

/// All that is marked under one tombstone.
pub struct ErasureRow {
    pub tombstone: String,
    pub objects: u64,
    /// Of the last mark.
    pub due: Millis,
}

impl Db {
    /// Marks objects. What is marked under that tombstone already keeps its time.
    ///
    /// # Errors
    /// `bad_request` when too much would be pending.
    pub async fn mark(&self, vault: &VaultId, tombstone: &str, paths: &[String], due: Millis) -> Result<()> {
        let mut transaction = self.begin().await?;
        self.lock(&mut transaction, vault).await?;
        let mut sql = String::from("INSERT INTO erasure (vault, tombstone, due, path) VALUES ");
        for at in 0..paths.len() {
            let comma = if at == 0 { "" } else { ", " };
            sql.push_str(&format!("{comma}($1, $2, $3, ${})", at + 4));
        }
        sql.push_str(" ON CONFLICT (vault, tombstone, path) DO NOTHING");
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(vault.as_str()).bind(tombstone).bind(due);
        for path in paths {
            query = query.bind(path.as_str());
        }
        query.execute(&mut *transaction).await?;
        let (tombstones,): (i64,) = sqlx::query_as("SELECT COUNT(DISTINCT tombstone) FROM erasure WHERE vault = $1")
            .bind(vault.as_str())
            .fetch_one(&mut *transaction)
            .await?;
        let (objects,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM erasure WHERE vault = $1 AND tombstone = $2")
            .bind(vault.as_str())
            .bind(tombstone)
            .fetch_one(&mut *transaction)
            .await?;
        if tombstones > TOMBSTONES_MAX || objects > OBJECTS_MAX {
            transaction.rollback().await?;
            return Err(Error::bad("too many erasures are pending. Confirm those that are due, or cancel some."));
        }
        Ok(transaction.commit().await?)
    }

    /// Everything pending, what is due first in front.
    pub async fn erasures(&self, vault: &VaultId) -> Result<Vec<ErasureRow>> {
        let rows: Vec<(String, i64, Millis)> = sqlx::query_as(
            "SELECT tombstone, COUNT(*), MAX(due) FROM erasure WHERE vault = $1 GROUP BY tombstone ORDER BY MAX(due), tombstone",
        )
        .bind(vault.as_str())
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(tombstone, objects, due)| ErasureRow { tombstone, objects: objects.cast_unsigned(), due }).collect())
    }

    /// Nothing under that tombstone is to be erased any more.
    pub async fn unmark(&self, vault: &VaultId, tombstone: &str) -> Result<()> {
        sqlx::query("DELETE FROM erasure WHERE vault = $1 AND tombstone = $2")
            .bind(vault.as_str())
            .bind(tombstone)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Until when an object that is marked under that tombstone has to wait; none if it is not.
    pub async fn marked(&self, vault: &VaultId, tombstone: &str, path: &str) -> Result<Option<Millis>> {
        let row: Option<(Millis,)> = sqlx::query_as("SELECT due FROM erasure WHERE vault = $1 AND tombstone = $2 AND path = $3")
            .bind(vault.as_str())
            .bind(tombstone)
            .bind(path)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(due,)| due))
    }

    /// An object is about to be erased: what it was counted with is noted, for a server that dies in between.
    pub async fn note_erasing(&self, vault: &VaultId, tombstone: &str, path: &str, length: u64) -> Result<()> {
        sqlx::query("UPDATE erasure SET length = $1 WHERE vault = $2 AND tombstone = $3 AND path = $4")
            .bind(length.cast_signed())
            .bind(vault.as_str())
            .bind(tombstone)
            .bind(path)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// An object is erased: what it took is free again.
    pub async fn erased(&self, vault: &VaultId, tombstone: &str, path: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        let stored = self.lock(&mut transaction, vault).await?;
        let marked: Option<(i64,)> =
            sqlx::query_as("DELETE FROM erasure WHERE vault = $1 AND tombstone = $2 AND path = $3 RETURNING length")
                .bind(vault.as_str())
                .bind(tombstone)
                .bind(path)
                .fetch_optional(&mut *transaction)
                .await?;
        // What was granted and never counted takes nothing.
        let granted: Option<(i64,)> = sqlx::query_as("DELETE FROM upload WHERE vault = $1 AND path = $2 RETURNING settled")
            .bind(vault.as_str())
            .bind(path)
            .fetch_optional(&mut *transaction)
            .await?;
        let counted = granted.is_none_or(|(settled,)| settled == 1);
        let freed = marked.filter(|_| counted).map_or(0, |(length,)| length.cast_unsigned());
        sqlx::query("UPDATE vault SET stored = $1 WHERE id = $2")
            .bind(stored.saturating_sub(freed).cast_signed())
            .bind(vault.as_str())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}
