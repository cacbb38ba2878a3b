//! Signing in: tries are counted before anything is computed for them, and a login between its two messages is good for
//! one try. All of it is in the database, so that any number of servers count as one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    app::App,
    client::ClientAddress,
    clock::{DAY, HOUR, Millis, SECOND},
    db::{LoginRow, Tariff},
    error::{Error, Result},
    name::{VaultId, VaultName},
    opaque::{ClientIdentity, SessionKey, Started},
    secret::{Secret, random_id},
    slot::SlotKind,
};

/// How long a client has between the two messages; its Argon2id takes less than two seconds on a slow phone.
const LIFETIME: Millis = 60 * SECOND;
/// Bounds the table. Beyond it the oldest login is dropped.
const MOST_LOGINS: i64 = 4096;
/// Devices known for one vault. Beyond it the oldest is forgotten.
const MOST_DEVICES: i64 = 16;

/// Wrong passphrases for one vault's name, by strangers together, and by each known device: 10 within an hour, then a
/// wait that doubles, and none after 100.
const NAME: Tariff = Tariff { free: 10, waits: [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY], most: 100, memory: 30 * DAY };
/// Wrong secrets of one kind from one address: 100, then one an hour, until there was none for an hour.
const ADDRESS: Tariff = Tariff { free: 100, waits: [HOUR; 6], most: i64::MAX, memory: HOUR };
/// A recovery phrase and a passkey have 256 bits: nobody guesses them, and a limit would only let strangers keep the owner out.
const STRONG: Tariff = Tariff { free: 1 << 40, waits: [0; 6], most: i64::MAX, memory: HOUR };

pub type LoginId = [u8; 16];

/// Who wants to sign in to what, from where.
pub struct Attempt<'a> {
    pub name: &'a VaultName,
    pub kind: SlotKind,
    pub address: ClientAddress,
    /// What an earlier sign-in gave this device to be known by.
    pub device: Option<&'a Secret>,
}

/// A sign-in that succeeded.
pub struct SignedIn {
    pub vault: VaultId,
    pub kind: SlotKind,
    pub key: SessionKey,
    /// It came from a device that is known.
    pub known: bool,
}

/// Answers the first message. A name that does not exist goes the same way as one that does, at every step.
///
/// # Errors
/// `denied` (429) when there were too many tries; `bad_request`.
pub async fn start(app: &App, attempt: Attempt<'_>, request: &[u8]) -> Result<(LoginId, Vec<u8>)> {
    let now = app.clock.now();
    let (address_budget, name_budget) = count(app, &attempt, now).await?;
    let (vault, record) = app.db.record(attempt.name, attempt.kind).await?.unzip();
    let client = ClientIdentity::new(attempt.kind, attempt.name);
    let (response, started) = app.opaque.login(&client, record.as_deref(), request)?;
    let id = random_id();
    let row = LoginRow {
        vault,
        kind: attempt.kind.text(),
        client: client.into_bytes(),
        state: started.to_bytes(),
        name_budget,
        address_budget,
        expires: now + LIFETIME,
    };
    app.db.add_login(&id, &row, now, MOST_LOGINS).await?;
    app.metrics.login("started");
    Ok((id, response))
}

/// Checks the second message. Every failure is the same one.
///
/// # Errors
/// `wrong_secret`.
pub async fn finish(app: &App, id: &[u8], finalization: &[u8]) -> Result<SignedIn> {
    let finished = check(app, id, finalization).await;
    match &finished {
        Ok(_) => app.metrics.login("succeeded"),
        Err(Error::WrongSecret) => app.metrics.login("failed"),
        Err(_) => {}
    }
    finished
}

async fn check(app: &App, id: &[u8], finalization: &[u8]) -> Result<SignedIn> {
    let id = id.try_into().map_err(|_| Error::WrongSecret)?;
    let login = app.db.take_login(id).await?.filter(|login| app.clock.now() < login.expires).ok_or(Error::WrongSecret)?;
    let started = Started::from_bytes(&login.state, login.client);
    let key = started.and_then(|started| started.finish(finalization));
    let (Some(vault), Some(key), Some(kind)) = (login.vault, key, SlotKind::parse(&login.kind)) else { return Err(Error::WrongSecret) };
    // The recovery phrase and passkeys clear the way for the passphrase, too.
    app.db.forgive(&login.name_budget).await?;
    let name = app.db.name(&vault).await?;
    app.db.forgive(&budget(&app.url_key, "name", SlotKind::Passphrase, name.as_str().as_bytes())).await?;
    app.db.give_back(&login.address_budget).await?;
    // A try is counted against a known device, or else against the name.
    let known = login.name_budget != budget(&app.url_key, "name", kind, name.as_str().as_bytes());
    Ok(SignedIn { vault, kind, key, known })
}

/// A token by which this device is known at its next sign-in.
pub async fn remember(app: &App, vault: &VaultId) -> Result<Secret> {
    let device = Secret::random();
    app.db.add_device(&device.sha256(), vault, app.clock.now(), MOST_DEVICES).await?;
    Ok(device)
}

/// Counts the attempt against the device or the name, then against its address.
async fn count(app: &App, attempt: &Attempt<'_>, now: Millis) -> Result<([u8; 32], [u8; 32])> {
    let too_many = |until: Millis| {
        app.metrics.login("limited");
        Error::TooMany { wait: until.saturating_sub(now).max(SECOND) }
    };
    let device = attempt.device.map(Secret::sha256);
    let known = match &device {
        Some(device) => app.db.meets_device(device, attempt.name.as_str(), now).await?,
        None => false,
    };
    let name = match device.filter(|_| known) {
        Some(device) => budget(&app.url_key, "device", attempt.kind, &device),
        None => budget(&app.url_key, "name", attempt.kind, attempt.name.as_str().as_bytes()),
    };
    let tariff = if attempt.kind == SlotKind::Passphrase { &NAME } else { &STRONG };
    app.db.spend(&name, tariff, now).await?.map_err(too_many)?;
    let address = budget(&app.url_key, "address", attempt.kind, &attempt.address.bytes());
    if let Err(until) = app.db.spend(&address, &ADDRESS, now).await? {
        // Nothing was tried, so the owner of the name need not pay for it.
        app.db.give_back(&name).await?;
        return Err(too_many(until));
    }
    Ok((address, name))
}

/// Under which id something is counted, all passkeys of a name together: the table tells nobody who tried what.
fn budget(key: &Secret, what: &str, kind: SlotKind, whom: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
    mac.update(format!("budget\n{what}\n{}\n", kind.word()).as_bytes());
    mac.update(whom);
    mac.finalize().into_bytes().into()
}

/// `HMAC-SHA-256(OPAQUE session key, "strongroom 2026-11-21 session token")`: only the two ends of this login know it.
pub fn session_token(key: &SessionKey) -> Secret {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key[..]).expect("HMAC takes a key of any length");
    mac.update(b"strongroom 2026-11-21 session token");
    let token = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
    Secret::from_slice(&token[..]).expect("32 bytes")
}
