//! What holds whichever database keeps the accounts.

mod account;
mod erasures;
mod limits;
mod passkeys;
mod presign;
mod quota;
mod secrets;
mod sessions;
