//! Logins between their two messages, and the devices that are known.

use zeroize::Zeroizing;

use super::{Db, vault_id};
use crate::{clock::Millis, error::Result, name::VaultId};

/// What the second message needs. `vault` is absent for a name that does not exist.
pub struct LoginRow {
    pub vault: Option<VaultId>,
    pub kind: String,
    pub client: Vec<u8>,
    pub state: Zeroizing<Vec<u8>>,
    /// Where the try was counted: given back when it succeeds.
    pub name_budget: [u8; 32],
    pub address_budget: [u8; 32],
    pub expires: Millis,
}

impl Db {
    /// Keeps a login, forgets those whose time is over, and the oldest beyond `most`.
    pub async fn add_login(&self, id: &[u8; 16], row: &LoginRow, now: Millis, most: i64) -> Result<()> {
        let mut transaction = self.begin_light().await?;
        sqlx::query("DELETE FROM login WHERE expires <= $1").bind(now).execute(&mut *transaction).await?;
        sqlx::query(
            "INSERT INTO login (id, vault, kind, client, state, name_budget, address_budget, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&id[..])
        .bind(row.vault.as_ref().map_or("", VaultId::as_str))
        .bind(row.kind.as_str())
        .bind(&row.client[..])
        .bind(&row.state[..])
        .bind(&row.name_budget[..])
        .bind(&row.address_budget[..])
        .bind(row.expires)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM login WHERE id IN (SELECT id FROM login ORDER BY expires DESC, id LIMIT 1000 OFFSET $1)")
            .bind(most)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// The login of that id, once, whichever server asks.
    pub async fn take_login(&self, id: &[u8; 16]) -> Result<Option<LoginRow>> {
        type Columns = (String, String, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Millis);
        let row: Option<Columns> =
            sqlx::query_as("DELETE FROM login WHERE id = $1 RETURNING vault, kind, client, state, name_budget, address_budget, expires")
                .bind(&id[..])
                .fetch_optional(&self.light)
                .await?;
        row.map(|(vault, kind, client, state, name_budget, address_budget, expires)| {
            let vault = if vault.is_empty() { None } else { Some(vault_id(&vault)?) };
            Ok(LoginRow {
                vault,
                kind,
                client,
                state: Zeroizing::new(state),
                name_budget: name_budget.try_into().unwrap_or_default(),
                address_budget: address_budget.try_into().unwrap_or_default(),
                expires,
            })
        })
        .transpose()
    }

    /// Whether an owner of that vault has signed in with the device before: then it is not the one to be forgotten next.
    pub async fn meets_device(&self, token: &[u8; 32], name: &str, now: Millis) -> Result<bool> {
        let met = sqlx::query("UPDATE device SET seen = $3 WHERE token = $1 AND vault = (SELECT id FROM vault WHERE name = $2)")
            .bind(&token[..])
            .bind(name)
            .bind(now)
            .execute(&self.light)
            .await?;
        Ok(met.rows_affected() > 0)
    }

    /// Knows a device from now on, and forgets the vault's oldest beyond `most`.
    pub async fn add_device(&self, token: &[u8; 32], vault: &VaultId, now: Millis, most: i64) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query("INSERT INTO device (token, vault, seen) VALUES ($1, $2, $3)")
            .bind(&token[..])
            .bind(vault.as_str())
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "DELETE FROM device WHERE token IN (SELECT token FROM device WHERE vault = $1 ORDER BY seen DESC, token LIMIT 1000 OFFSET $2)",
        )
        .bind(vault.as_str())
        .bind(most)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }
}
