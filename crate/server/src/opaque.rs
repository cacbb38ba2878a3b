//! Sign-in: OPAQUE-3DH (RFC 9807) over ristretto255-SHA512, the server's side (FORMAT.md §14).

use opaque_ke::{
    CipherSuite, CredentialFinalization, CredentialRequest, Identifiers, RegistrationRequest, RegistrationUpload, Ristretto255,
    ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup, TripleDh, ksf::Identity,
};
use rand_core_06::OsRng;
use sha2_010::Sha512;
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    name::VaultName,
    slot::SlotKind,
};

const CONTEXT: &[u8] = b"strongroom 2026-11-21 opaque argon2id m=65536 t=3 p=4";
const SERVER: &[u8] = b"strongroom";

/// The one suite. Only clients stretch, so the server's key stretching function is the identity.
pub struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, Sha512>;
    type Ksf = Identity;
}

/// `kind u8 ‖ name`, of a passkey `kind u8 ‖ slot id ‖ name`: the client's identity and the credential's identifier.
#[derive(Clone)]
pub struct ClientIdentity(Vec<u8>);

impl ClientIdentity {
    pub fn new(kind: SlotKind, name: &VaultName) -> Self {
        let id: &[u8] = if let SlotKind::Passkey(id) = &kind { id } else { &[] };
        Self([&[kind.byte()], id, name.as_str().as_bytes()].concat())
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn parameters(&self) -> ServerLoginParameters<'_, '_> {
        ServerLoginParameters { context: Some(CONTEXT), identifiers: Identifiers { client: Some(&self.0), server: Some(SERVER) } }
    }
}

/// What both ends of a login know, and nobody else.
pub type SessionKey = Zeroizing<Vec<u8>>;

/// A login between its two messages. Wiped when dropped.
pub struct Started {
    state: ServerLogin<Suite>,
    client: ClientIdentity,
}

/// The server's long-term keys. Who has them and the records can guess passphrases, at Argon2id's cost a guess; who loses
/// them locks every vault's owner out of signing in.
pub struct Opaque {
    setup: ServerSetup<Suite>,
    /// Nobody's record: read in place of the one that an unknown name does not have, so that both take as long.
    decoy: Vec<u8>,
}

impl Opaque {
    pub fn generate() -> Self {
        Self::new(ServerSetup::new(&mut OsRng))
    }

    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.setup.serialize().to_vec())
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self::new(ServerSetup::deserialize(bytes).ok()?))
    }

    fn new(setup: ServerSetup<Suite>) -> Self {
        // A client's public key, the masking key and the envelope (RFC 9807 §4): a real key, or reading it would end early.
        let decoy = [setup.keypair().public().serialize().as_slice(), &[0; 64 + 96]].concat();
        Self { setup, decoy }
    }

    /// Answers a registration request.
    ///
    /// # Errors
    /// `bad_request` when it is none.
    pub fn register(&self, client: &ClientIdentity, request: &[u8]) -> Result<Vec<u8>> {
        let request = RegistrationRequest::deserialize(request).map_err(|_| not_a("registration request"))?;
        let started = ServerRegistration::<Suite>::start(&self.setup, request, &client.0).map_err(|_| not_a("registration request"))?;
        Ok(started.message.serialize().to_vec())
    }

    /// Answers a credential request. Without a record the answer is a dummy: of the same shape, evaluated under the same
    /// key every time for the same name, and never to be finished.
    ///
    /// # Errors
    /// `bad_request` when it is none.
    pub fn login(&self, client: &ClientIdentity, record: Option<&[u8]>, request: &[u8]) -> Result<(Vec<u8>, Started)> {
        let request = CredentialRequest::deserialize(request).map_err(|_| not_a("credential request"))?;
        let read = ServerRegistration::<Suite>::deserialize(record.unwrap_or(&self.decoy));
        let read = read.map_err(|e| Error::Unavailable(e.to_string().into()))?;
        let record = record.is_some().then_some(read);
        let started = ServerLogin::start(&mut OsRng, &self.setup, record, request, &client.0, client.parameters())
            .map_err(|_| not_a("credential request"))?;
        Ok((started.message.serialize().to_vec(), Started { state: started.state, client: client.clone() }))
    }
}

impl Started {
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.state.serialize().to_vec())
    }

    pub fn from_bytes(state: &[u8], client: Vec<u8>) -> Option<Self> {
        Some(Self { state: ServerLogin::deserialize(state).ok()?, client: ClientIdentity(client) })
    }

    /// The session key, if the client has shown that it knows the secret.
    pub fn finish(self, finalization: &[u8]) -> Option<SessionKey> {
        let message = CredentialFinalization::deserialize(finalization).ok()?;
        let finished = self.state.finish(message, self.client.parameters()).ok()?;
        Some(Zeroizing::new(finished.session_key.to_vec()))
    }
}

/// The record to keep of a client's registration upload.
///
/// # Errors
/// `bad_request` when it is none.
pub fn record(upload: &[u8]) -> Result<Vec<u8>> {
    let upload = RegistrationUpload::<Suite>::deserialize(upload).map_err(|_| not_a("registration upload"))?;
    Ok(ServerRegistration::finish(upload).serialize().to_vec())
}

fn not_a(what: &str) -> Error {
    Error::bad(format!("that is not an OPAQUE {what} of this suite."))
}
