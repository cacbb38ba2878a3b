//! Tries, counted before they are made. One statement each, so that two servers never give the same try twice.

use super::Db;
use crate::{clock::Millis, error::Result};

/// How a budget runs out.
pub struct Tariff {
    /// Tries that are free of any wait.
    pub free: i64,
    /// The wait after the last free try and those that follow; the last one holds for all beyond.
    pub waits: [Millis; 6],
    /// After so many tries nothing opens it but a success.
    pub most: i64,
    /// Without a try for so long, it is as if there had been none.
    pub memory: Millis,
}

impl Db {
    /// Counts a try. When it is one too many: until when to wait.
    pub async fn spend(&self, id: &[u8; 32], tariff: &Tariff, now: Millis) -> Result<Result<(), Millis>> {
        sqlx::query("DELETE FROM budget WHERE forgotten <= $1").bind(now).execute(&self.light).await?;
        let [first, second, third, fourth, fifth, rest] = tariff.waits;
        let counted: Option<(i64,)> = sqlx::query_as(
            // A free try opens no later than any other: of two at the same time the clock of one may have been read before.
            "INSERT INTO budget AS b (id, used, opens, forgotten) VALUES ($1, 1, 0, $3) \
             ON CONFLICT (id) DO UPDATE SET used = b.used + 1, forgotten = $3, opens = CASE \
             WHEN b.used + 1 < $4 THEN 0 WHEN b.used + 1 = $4 THEN $2 + $5 WHEN b.used = $4 THEN $2 + $6 WHEN b.used = $4 + 1 THEN $2 + $7 \
             WHEN b.used = $4 + 2 THEN $2 + $8 WHEN b.used = $4 + 3 THEN $2 + $9 ELSE $2 + $10 END \
             WHERE b.opens <= $2 AND b.used < $11 RETURNING used",
        )
        .bind(&id[..])
        .bind(now)
        .bind(now.saturating_add(tariff.memory))
        .bind(tariff.free)
        .bind(first)
        .bind(second)
        .bind(third)
        .bind(fourth)
        .bind(fifth)
        .bind(rest)
        .bind(tariff.most)
        .fetch_optional(&self.light)
        .await?;
        if counted.is_some() {
            return Ok(Ok(()));
        }
        let row: Option<(i64, Millis, Millis)> =
            sqlx::query_as("SELECT used, opens, forgotten FROM budget WHERE id = $1").bind(&id[..]).fetch_optional(&self.light).await?;
        // Gone in between: somebody succeeded, and another try is free.
        let (used, opens, forgotten) = row.unwrap_or((0, now, now));
        Ok(Err(if used >= tariff.most { forgotten } else { opens }))
    }

    /// A success: all tries of that budget are forgiven.
    pub async fn forgive(&self, id: &[u8; 32]) -> Result<()> {
        sqlx::query("DELETE FROM budget WHERE id = $1").bind(&id[..]).execute(&self.light).await?;
        Ok(())
    }

    /// A success: that one try is given back.
    pub async fn give_back(&self, id: &[u8; 32]) -> Result<()> {
        sqlx::query("UPDATE budget SET used = used - 1, opens = 0 WHERE id = $1 AND used > 0").bind(&id[..]).execute(&self.light).await?;
        Ok(())
    }
}
