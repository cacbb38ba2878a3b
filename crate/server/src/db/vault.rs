//! Vaults and their slots.

use super::{Db, Transaction, usage::reserved, vault_id};
use crate::{
    clock::Millis,
    error::{Error, Result},
    name::{VaultId, VaultName},
    slot::SlotKind,
};

/// Key slots of a vault (FORMAT.md §13).
const SLOTS_MAX: i64 = 16;

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

/// A change of slots that is made, but not yet for good. Dropped without [`commit`](Self::commit) it never was.
pub struct SlotChange {
    transaction: Transaction,
}

impl Db {
    pub async fn is_taken(&self, name: &VaultName) -> Result<bool> {
        let row: Option<(i64,)> =
            sqlx::query_as("SELECT 1 FROM vault WHERE name = $1").bind(name.as_str()).fetch_optional(&self.pool).await?;
        Ok(row.is_some())
    }

    pub async fn vaults(&self) -> Result<i64> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM vault").fetch_one(&self.pool).await?;
        Ok(count)
    }

    pub async fn name(&self, vault: &VaultId) -> Result<VaultName> {
        let (name,): (String,) = sqlx::query_as("SELECT name FROM vault WHERE id = $1").bind(vault.as_str()).fetch_one(&self.pool).await?;
        VaultName::parse(&name)
    }

    /// Makes a vault and its slots in a transaction that the caller commits.
    ///
    /// # Errors
    /// `name_taken`; `bad_request` when the id is in use.
    pub async fn register(&self, vault: NewVault<'_>, now: Millis) -> Result<SlotChange> {
        let mut transaction = self.begin().await?;
        let stored: usize = vault.slots.iter().map(|slot| slot.object.len()).sum();
        let inserted = sqlx::query("INSERT INTO vault (id, name, made, stored) VALUES ($1, $2, $3, $4)")
            .bind(vault.id.as_str())
            .bind(vault.name.as_str())
            .bind(now)
            .bind(i64::try_from(stored).unwrap_or(i64::MAX))
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
            insert(&mut transaction, vault.id, slot).await?;
        }
        Ok(SlotChange { transaction })
    }

    /// Puts a slot in place of the vault's slot of that kind, ends its sessions but the one of `token`, and forgets its
    /// devices and the logins under way: whoever knew the old secret is out. The caller commits.
    pub async fn replace_slot(&self, vault: &VaultId, slot: &NewSlot, token: &[u8; 32]) -> Result<SlotChange> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE slot SET record = $1, object = $2 WHERE vault = $3 AND kind = $4")
            .bind(&slot.record[..])
            .bind(&slot.object[..])
            .bind(vault.as_str())
            .bind(slot.kind.text())
            .execute(&mut *transaction)
            .await?;
        shut_out(&mut transaction, vault, token).await?;
        Ok(SlotChange { transaction })
    }

    /// Adds a passkey's slot. The caller commits.
    ///
    /// # Errors
    /// `bad_request` when it is there already, or the vault has as many as it may; `storage_full` beyond the quota.
    pub async fn add_slot(&self, vault: &VaultId, slot: &NewSlot, quota: Option<u64>, now: Millis) -> Result<SlotChange> {
        let mut transaction = self.begin().await?;
        let stored = self.lock(&mut transaction, vault).await?.saturating_add(slot.object.len() as u64);
        let reserved = reserved(&mut transaction, vault, now).await?;
        let (slots, same): (i64, i64) = sqlx::query_as("SELECT COUNT(*), COUNT(CASE WHEN kind = $2 THEN 1 END) FROM slot WHERE vault = $1")
            .bind(vault.as_str())
            .bind(slot.kind.text())
            .fetch_one(&mut *transaction)
            .await?;
        let refusal = match () {
            () if same > 0 => Error::bad("the vault has this passkey already."),
            () if slots >= SLOTS_MAX => Error::bad("a vault has at most 14 passkeys. Remove one that is not needed."),
            () if quota.is_some_and(|quota| stored.saturating_add(reserved) > quota) => Error::QuotaFull,
            () => {
                insert(&mut transaction, vault, slot).await?;
                sqlx::query("UPDATE vault SET stored = $1 WHERE id = $2")
                    .bind(stored.cast_signed())
                    .bind(vault.as_str())
                    .execute(&mut *transaction)
                    .await?;
                return Ok(SlotChange { transaction });
            }
        };
        transaction.rollback().await?;
        Err(refusal)
    }

    /// Removes a passkey's slot, if it is there, and ends what [`replace_slot`](Self::replace_slot) ends. The caller commits.
    pub async fn remove_slot(&self, vault: &VaultId, kind: SlotKind, token: &[u8; 32]) -> Result<SlotChange> {
        let mut transaction = self.begin().await?;
        let stored = self.lock(&mut transaction, vault).await?;
        let removed: Option<(i64,)> =
            sqlx::query_as("DELETE FROM slot WHERE vault = $1 AND kind = $2 RETURNING CAST(LENGTH(object) AS BIGINT)")
                .bind(vault.as_str())
                .bind(kind.text())
                .fetch_optional(&mut *transaction)
                .await?;
        let freed = removed.map_or(0, |(length,)| length.cast_unsigned());
        sqlx::query("UPDATE vault SET stored = $1 WHERE id = $2")
            .bind(stored.saturating_sub(freed).cast_signed())
            .bind(vault.as_str())
            .execute(&mut *transaction)
            .await?;
        shut_out(&mut transaction, vault, token).await?;
        Ok(SlotChange { transaction })
    }

    /// The vault of that name, and its OPAQUE record of that kind.
    pub async fn record(&self, name: &VaultName, kind: SlotKind) -> Result<Option<(VaultId, Vec<u8>)>> {
        let row: Option<(String, Vec<u8>)> = sqlx::query_as(
            "SELECT vault.id, slot.record FROM vault JOIN slot ON slot.vault = vault.id WHERE vault.name = $1 AND slot.kind = $2",
        )
        .bind(name.as_str())
        .bind(kind.text())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(vault, record)| Ok((vault_id(&vault)?, record))).transpose()
    }

    /// None of a passkey that was removed.
    pub async fn slot(&self, vault: &VaultId, kind: SlotKind) -> Result<Option<Vec<u8>>> {
        let row: Option<(Vec<u8>,)> = sqlx::query_as("SELECT object FROM slot WHERE vault = $1 AND kind = $2")
            .bind(vault.as_str())
            .bind(kind.text())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(object,)| object))
    }
}

impl SlotChange {
    pub async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}

async fn insert(transaction: &mut Transaction, vault: &VaultId, slot: &NewSlot) -> Result<()> {
    sqlx::query("INSERT INTO slot (vault, kind, record, object) VALUES ($1, $2, $3, $4)")
        .bind(vault.as_str())
        .bind(slot.kind.text())
        .bind(&slot.record[..])
        .bind(&slot.object[..])
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Ends the vault's sessions but the one of `token`, and forgets its devices and the logins under way.
async fn shut_out(transaction: &mut Transaction, vault: &VaultId, token: &[u8; 32]) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE vault = $1 AND token <> $2")
        .bind(vault.as_str())
        .bind(&token[..])
        .execute(&mut **transaction)
        .await?;
    for forgotten in ["DELETE FROM device WHERE vault = $1", "DELETE FROM login WHERE vault = $1"] {
        sqlx::query(forgotten).bind(vault.as_str()).execute(&mut **transaction).await?;
    }
    Ok(())
}
