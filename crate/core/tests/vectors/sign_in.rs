//! Sign-in: the client's messages under a seeded generator, against answers that are part of the vector.

use opaque_ke::{
    CredentialRequest, Identifiers, RegistrationRequest, RegistrationUpload, ServerLogin, ServerLoginParameters, ServerRegistration,
    ServerSetup,
    generic_array::{GenericArray, typenum::U64},
    ksf::Ksf,
    rand,
};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::json;
use strongroom_core::{
    SlotKind,
    opaque::{CONTEXT, SERVER, Stretch, Suite, client_identity, login_finish, login_start, register_finish, register_start},
};

use crate::golden::{counting, hold};

#[test]
fn vectors_of_sign_in() {
    let password = b"correct horse";
    let client = client_identity(SlotKind::Passphrase, "golden-vault");
    let setup = ServerSetup::<Suite>::new(&mut Older(seeded(1)));

    let register = register_start(password, &mut seeded(2)).expect("a start");
    let request = RegistrationRequest::<Suite>::deserialize(&register.request).expect("a request");
    let registration = ServerRegistration::<Suite>::start(&setup, request, &client).expect("an answer").message.serialize();
    let registered = register_finish(&register.state, password, &registration, &client, &mut seeded(3)).expect("registered");
    let record = ServerRegistration::finish(RegistrationUpload::<Suite>::deserialize(&registered.upload).expect("an upload"));

    let login = login_start(password, &mut seeded(4)).expect("a start");
    let request = CredentialRequest::<Suite>::deserialize(&login.request).expect("a request");
    let parameters =
        ServerLoginParameters { context: Some(CONTEXT), identifiers: Identifiers { client: Some(&client), server: Some(SERVER) } };
    let answer = ServerLogin::<Suite>::start(&mut Older(seeded(5)), &setup, Some(record), request, &client, parameters).expect("an answer");
    let credential = answer.message.serialize();
    let done = login_finish(&login.state, password, &credential, &client, &mut seeded(6)).expect("logged in");
    assert_eq!(done.export_key, registered.export_key);

    let stretched: GenericArray<u8, U64> = Stretch.hash(GenericArray::clone_from_slice(&counting(64))).expect("64 MiB");
    hold(
        "sign-in",
        &json!({
            "about": "FORMAT.md §14. A generator is ChaCha20 seeded with 32 times the number in `seeds`; the server's seed is 1, its login's 5.",
            "password": String::from_utf8_lossy(password), "client": hex::encode(&client), "context": String::from_utf8_lossy(CONTEXT),
            "stretching": { "input": hex::encode(counting(64)), "output": hex::encode(stretched) },
            "register": {
                "seeds": [2, 3], "request": hex::encode(&register.request), "response": hex::encode(registration),
                "upload": hex::encode(&registered.upload), "export_key": hex::encode(&*registered.export_key),
            },
            "login": {
                "seeds": [4, 6], "request": hex::encode(&login.request), "response": hex::encode(credential),
                "finalization": hex::encode(&done.finalization), "session_key": hex::encode(&*done.session_key),
            },
        }),
    );
}

fn seeded(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// The generator as opaque-ke 4 wants it (rand_core 0.6).
struct Older(ChaCha20Rng);

impl rand::RngCore for Older {
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

impl rand::CryptoRng for Older {}
