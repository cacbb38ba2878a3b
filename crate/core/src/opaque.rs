//! The client side of sign-in: OPAQUE-3DH (RFC 9807, FORMAT.md §14).

use alloc::{string::String, vec::Vec};

use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters, CredentialResponse,
    Identifiers, RegistrationResponse, Ristretto255, TripleDh,
    errors::{InternalError, ProtocolError},
    generic_array::{ArrayLength, GenericArray},
    ksf::Ksf,
    rand,
};
use rand_core::CryptoRng;
use sha2_10::Sha512;
use zeroize::Zeroizing;

use crate::{
    error::{Code, Error},
    slot::{Argon2id, PASSKEY, SlotKind},
};

extern crate alloc;

/// What both sides must agree on; it fixes the stretching too.
pub const CONTEXT: &[u8] = b"strongroom 2026-11-21 opaque argon2id m=65536 t=3 p=4";
/// The server's identity.
pub const SERVER: &[u8] = b"strongroom";

/// ristretto255-SHA512, 3DH, HKDF-SHA512, Argon2id.
pub struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, Sha512>;
    type Ksf = Stretch;
}

/// Argon2id, 64 MiB, 3 passes, 4 lanes, a salt of 16 zero bytes: fixed by the suite.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stretch;

impl Ksf for Stretch {
    fn hash<L: ArrayLength<u8>>(&self, input: GenericArray<u8, L>) -> Result<GenericArray<u8, L>, InternalError> {
        let mut output = GenericArray::default();
        Argon2id::WRITER.stretch_into(&input, &[0; 16], &mut output).map_err(|_| InternalError::KsfError)?;
        Ok(output)
    }
}

/// The client's half of a started registration or login.
#[derive(Clone)]
pub struct Started {
    /// Secret; for the finishing call only.
    pub state: Zeroizing<Vec<u8>>,
    /// For the broker.
    pub request: Vec<u8>,
}

/// What a finished registration gives.
#[derive(Clone)]
pub struct Registered {
    /// For the broker.
    pub upload: Vec<u8>,
    /// The secret of the slot, 64 bytes.
    pub export_key: Zeroizing<Vec<u8>>,
}

/// What a finished login gives.
#[derive(Clone)]
pub struct LoggedIn {
    /// For the broker.
    pub finalization: Vec<u8>,
    /// The secret of the slot, 64 bytes.
    pub export_key: Zeroizing<Vec<u8>>,
    pub session_key: Zeroizing<Vec<u8>>,
}

/// `kind u8 ‖ name`, of a passkey `kind u8 ‖ slot id ‖ name`: the client's identity and credential identifier.
pub fn client_identity(kind: SlotKind, name: &str) -> Vec<u8> {
    let mut identity = Vec::with_capacity(17 + name.len());
    identity.push(kind.byte());
    if let SlotKind::Passkey(id) = kind {
        identity.extend_from_slice(&id);
    }
    identity.extend_from_slice(name.as_bytes());
    identity
}

/// First step of registration.
///
/// # Errors
/// `Internal` only.
pub fn register_start(password: &[u8], rng: &mut impl CryptoRng) -> Result<Started, Error> {
    let started = ClientRegistration::<Suite>::start(&mut Older(rng), password).map_err(internal)?;
    Ok(Started { state: Zeroizing::new(started.state.serialize().to_vec()), request: started.message.serialize().to_vec() })
}

/// Last step of registration, with the broker's response. Stretches: a lane's work.
///
/// # Errors
/// `Damaged` when the broker's response is none; `Internal`.
pub fn register_finish(
    state: &[u8],
    password: &[u8],
    response: &[u8],
    client: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Registered, Error> {
    let state = exactly(state, 64).and_then(|state| ClientRegistration::<Suite>::deserialize(state).map_err(internal))?;
    let response = RegistrationResponse::<Suite>::deserialize(response).map_err(nonsense)?;
    let parameters = ClientRegistrationFinishParameters::new(identifiers(client), Some(&Stretch));
    let finished = state.finish(&mut Older(rng), password, response, parameters).map_err(nonsense)?;
    Ok(Registered { upload: finished.message.serialize().to_vec(), export_key: Zeroizing::new(finished.export_key.to_vec()) })
}

/// First step of login.
///
/// # Errors
/// `Internal` only.
pub fn login_start(password: &[u8], rng: &mut impl CryptoRng) -> Result<Started, Error> {
    let started = ClientLogin::<Suite>::start(&mut Older(rng), password).map_err(internal)?;
    Ok(Started { state: Zeroizing::new(started.state.serialize().to_vec()), request: started.message.serialize().to_vec() })
}

/// Last step of login, with the broker's response. Stretches: a lane's work.
///
/// # Errors
/// `WrongSecret` when the password is not the registered one, or there is no such vault: it cannot be told apart.
/// `Damaged` when the broker's response is none; `Internal`.
pub fn login_finish(state: &[u8], password: &[u8], response: &[u8], client: &[u8], rng: &mut impl CryptoRng) -> Result<LoggedIn, Error> {
    let state = exactly(state, 192).and_then(|state| ClientLogin::<Suite>::deserialize(state).map_err(internal))?;
    let response = CredentialResponse::<Suite>::deserialize(response).map_err(nonsense)?;
    let parameters = ClientLoginFinishParameters::new(Some(CONTEXT), identifiers(client), Some(&Stretch));
    let finished = state.finish(&mut Older(rng), password, response, parameters).map_err(|error| match error {
        ProtocolError::InvalidLoginError => wrong(client),
        error => nonsense(error),
    })?;
    Ok(LoggedIn {
        finalization: finished.message.serialize().to_vec(),
        export_key: Zeroizing::new(finished.export_key.to_vec()),
        session_key: Zeroizing::new(finished.session_key.to_vec()),
    })
}

fn identifiers(client: &[u8]) -> Identifiers<'_> {
    Identifiers { client: Some(client), server: Some(SERVER) }
}

/// opaque-ke slices a state before it looks at its length.
fn exactly(state: &[u8], length: usize) -> Result<&[u8], Error> {
    if state.len() == length { Ok(state) } else { Err(Error::new(Code::Internal, "The sign-in lost its state. Please report this.")) }
}

fn wrong(client: &[u8]) -> Error {
    crate::slot::wrong_secret(match client.first() {
        Some(2) => SlotKind::Recovery,
        Some(&PASSKEY) => SlotKind::Passkey([0; 16]),
        _ => SlotKind::Passphrase,
    })
}

fn nonsense(_: ProtocolError) -> Error {
    Error::new(Code::Damaged, "The server's answer to the sign-in makes no sense. Check the server's address and version.")
}

fn internal(error: ProtocolError) -> Error {
    let mut message = String::from("The sign-in failed within this program. Please report this: ");
    let _ = core::fmt::write(&mut message, format_args!("{error:?}"));
    Error::new(Code::Internal, message)
}

/// A generator of today as opaque-ke 4 wants it (rand_core 0.6).
struct Older<'a, R>(&'a mut R);

impl<R: CryptoRng> rand::RngCore for Older<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng> rand::CryptoRng for Older<'_, R> {}
