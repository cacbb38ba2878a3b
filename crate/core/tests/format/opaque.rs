//! The client side of sign-in against opaque-ke's own server side. Each step stretches with 64 MiB, so all of it is one test.

use opaque_ke::{
    CredentialFinalization, CredentialRequest, Identifiers, RegistrationRequest, RegistrationUpload, ServerLogin, ServerLoginParameters,
    ServerRegistration, ServerSetup,
};
use strongroom_core::{
    Code, Error, SlotKind,
    opaque::{CONTEXT, LoggedIn, SERVER, Suite, client_identity, login_finish, login_start, register_finish, register_start},
};

use crate::support::{Older, rng};

struct Server {
    setup: ServerSetup<Suite>,
    record: ServerRegistration<Suite>,
    client: Vec<u8>,
}

impl Server {
    fn parameters(&self) -> ServerLoginParameters<'_, '_> {
        ServerLoginParameters { context: Some(CONTEXT), identifiers: Identifiers { client: Some(&self.client), server: Some(SERVER) } }
    }

    /// The whole login; with a session key that both sides share, or an error of the client.
    fn login(&self, password: &[u8], identity: &[u8], known: bool) -> Result<LoggedIn, Error> {
        let started = login_start(password, &mut rng(3)).unwrap();
        let request = CredentialRequest::<Suite>::deserialize(&started.request).unwrap();
        let record = known.then(|| self.record.clone());
        let answer =
            ServerLogin::<Suite>::start(&mut Older(rng(4)), &self.setup, record, request, &self.client, self.parameters()).unwrap();
        let response = answer.message.serialize();
        let done = login_finish(&started.state, password, &response, identity, &mut rng(5))?;
        let finalization = CredentialFinalization::<Suite>::deserialize(&done.finalization).unwrap();
        let session = answer.state.finish(finalization, self.parameters()).unwrap().session_key;
        assert_eq!(done.session_key.as_slice(), session.as_slice());
        Ok(done)
    }
}

#[test]
fn a_registered_password_logs_in_with_the_same_export_key_and_everything_else_is_the_one_code() {
    let client = client_identity(SlotKind::Passphrase, "my-vault");
    assert_eq!(client, b"\x01my-vault");
    let setup = ServerSetup::<Suite>::new(&mut Older(rng(1)));
    let started = register_start(b"correct horse", &mut rng(2)).unwrap();
    let request = RegistrationRequest::<Suite>::deserialize(&started.request).unwrap();
    let response = ServerRegistration::<Suite>::start(&setup, request, &client).unwrap().message.serialize();
    let registered = register_finish(&started.state, b"correct horse", &response, &client, &mut rng(2)).unwrap();
    let record = ServerRegistration::finish(RegistrationUpload::<Suite>::deserialize(&registered.upload).unwrap());
    let server = Server { setup, record, client: client.clone() };

    let done = server.login(b"correct horse", &client, true).unwrap();
    assert_eq!(done.export_key.len(), 64);
    assert_eq!(done.export_key, registered.export_key);

    let code = |result: Result<LoggedIn, Error>| result.map(|_| ()).map_err(|error| error.code);
    assert_eq!(code(server.login(b"correct horsf", &client, true)), Err(Code::WrongSecret), "another password");
    assert_eq!(code(server.login(b"correct horse", &client, false)), Err(Code::WrongSecret), "a vault that does not exist");
    let other = client_identity(SlotKind::Recovery, "my-vault");
    assert_eq!(code(server.login(b"correct horse", &other, true)), Err(Code::WrongSecret), "another identity");
}

#[test]
fn answers_and_states_that_make_no_sense_are_typed_errors_before_any_stretching() {
    let started = login_start(b"x", &mut rng(3)).unwrap();
    let code = |state: &[u8], response: &[u8]| {
        login_finish(state, b"x", response, b"\x01name", &mut rng(5)).map(|_| ()).map_err(|error| error.code)
    };
    for response in [&[][..], &[0; 10], &[0xff; 320], &[0; 1000]] {
        assert_eq!(code(&started.state, response), Err(Code::Damaged));
    }
    assert_eq!(code(&started.state[1..], &[0; 320]), Err(Code::Internal));
    let started = register_start(b"x", &mut rng(3)).unwrap();
    let code = |state: &[u8], response: &[u8]| {
        register_finish(state, b"x", response, b"\x01name", &mut rng(5)).map(|_| ()).map_err(|error| error.code)
    };
    assert_eq!(code(&started.state, &[0xff; 64]), Err(Code::Damaged));
    assert_eq!(code(&started.state, &[]), Err(Code::Damaged));
    assert_eq!(code(&[], &[0; 64]), Err(Code::Internal));
    let mirrored = [&started.request[..], &started.request[..]].concat();
    assert_eq!(code(&started.state, &mirrored), Err(Code::Damaged), "a server that mirrors the request");
}
