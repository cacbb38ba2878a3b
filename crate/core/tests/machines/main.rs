//! The machines, whole: what goes in comes out, whatever happens on the way.

mod host;
mod schedule;
mod vaults;

mod again;
mod broker;
mod choose;
mod costs;
mod crash;
mod damage;
mod erase;
mod eraser;
mod find;
mod fresh;
mod golden;
mod hostile;
mod lanes;
mod passkey;
mod passphrase;
mod prunes;
mod restore;
mod retry;
mod round_trip;
mod storms;
mod strands;
mod unlock;
mod writers;
