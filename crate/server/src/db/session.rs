//! Sessions, by the hash of their tokens.

use super::{Db, vault_id};
use crate::{clock::Millis, error::Result, name::VaultId};

/// A session as the database knows it.
pub struct SessionRow {
    /// What a list of sessions calls it.
    pub id: String,
    pub vault: VaultId,
    pub scope: String,
    pub started: Millis,
    pub expires: Millis,
}

type Columns = (String, String, String, Millis, Millis);

impl Db {
    /// Keeps a session by its token's hash, and forgets those that have ended.
    pub async fn add_session(&self, token: &[u8; 32], row: &SessionRow) -> Result<()> {
        sqlx::query("DELETE FROM session WHERE expires <= $1").bind(row.started).execute(&self.light).await?;
        sqlx::query("INSERT INTO session (token, id, vault, scope, started, expires) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(&token[..])
            .bind(row.id.as_str())
            .bind(row.vault.as_str())
            .bind(row.scope.as_str())
            .bind(row.started)
            .bind(row.expires)
            .execute(&self.light)
            .await?;
        Ok(())
    }

    pub async fn session(&self, token: &[u8; 32], now: Millis) -> Result<Option<SessionRow>> {
        let row: Option<Columns> =
            sqlx::query_as("SELECT id, vault, scope, started, expires FROM session WHERE token = $1 AND expires > $2")
                .bind(&token[..])
                .bind(now)
                .fetch_optional(&self.reads)
                .await?;
        row.map(session_row).transpose()
    }

    /// The vault's sessions that have not ended, oldest first.
    pub async fn sessions(&self, vault: &VaultId, now: Millis) -> Result<Vec<SessionRow>> {
        let rows: Vec<Columns> =
            sqlx::query_as("SELECT id, vault, scope, started, expires FROM session WHERE vault = $1 AND expires > $2 ORDER BY started, id")
                .bind(vault.as_str())
                .bind(now)
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(session_row).collect()
    }

    pub async fn extend_session(&self, token: &[u8; 32], expires: Millis) -> Result<()> {
        sqlx::query("UPDATE session SET expires = $1 WHERE token = $2").bind(expires).bind(&token[..]).execute(&self.light).await?;
        Ok(())
    }

    pub async fn end_session(&self, token: &[u8; 32]) -> Result<()> {
        sqlx::query("DELETE FROM session WHERE token = $1").bind(&token[..]).execute(&self.pool).await?;
        Ok(())
    }

    /// Ends the vault's session of that id, or all but the one of `token`.
    pub async fn revoke_sessions(&self, vault: &VaultId, id: Option<&str>, token: &[u8; 32]) -> Result<()> {
        let query = match id {
            Some(id) => sqlx::query("DELETE FROM session WHERE vault = $1 AND id = $2").bind(vault.as_str()).bind(id),
            None => sqlx::query("DELETE FROM session WHERE vault = $1 AND token <> $2").bind(vault.as_str()).bind(&token[..]),
        };
        query.execute(&self.pool).await?;
        Ok(())
    }
}

fn session_row((id, vault, scope, started, expires): Columns) -> Result<SessionRow> {
    Ok(SessionRow { id, vault: vault_id(&vault)?, scope, started, expires })
}
