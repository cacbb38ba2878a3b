//! The OpenAPI document, held against every answer that any test gets from the API.

use std::{cell::RefCell, sync::OnceLock};

use boon::{Compiler, Schemas};
use serde_json::Value;

use super::Answer;

const ADDRESS: &str = "https://strongroom.example/openapi.json";

pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(include_str!("../../openapi.json")).unwrap())
}

/// Asserts that the answer is one that the document allows, and that what was answered well was asked rightly.
#[track_caller]
pub fn check(call: &str, asked: &Value, answer: &Answer) {
    let path = format!("/{}", call.split('?').next().unwrap());
    let Some(operation) = document()["paths"].get(&path).map(|path| &path["post"]) else {
        assert_eq!(answer.status.as_u16(), 404, "{call} is answered but not documented: {answer:?}");
        return;
    };
    let status = answer.status.as_u16().to_string();
    assert!(operation["responses"].get(&status).is_some(), "{call} answers {status}, which is not documented: {answer:?}");
    let pointer = format!("/paths/{}/post", path.replace('~', "~0").replace('/', "~1"));
    let schema = "content/application~1json/schema";
    conforms(&format!("{pointer}/responses/{status}/{schema}"), &answer.json(), call);
    if answer.status.is_success() && operation.get("requestBody").is_some() {
        conforms(&format!("{pointer}/requestBody/{schema}"), asked, call);
    }
}

thread_local! {
    /// What was compiled is kept: a test asks hundreds of times.
    static COMPILED: RefCell<(Schemas, Compiler)> = RefCell::new({
        let mut compiler = Compiler::new();
        compiler.add_resource(ADDRESS, document().clone()).unwrap();
        (Schemas::new(), compiler)
    });
}

#[track_caller]
fn conforms(pointer: &str, value: &Value, call: &str) {
    COMPILED.with_borrow_mut(|(schemas, compiler)| {
        let schema = compiler.compile(&format!("{ADDRESS}#{pointer}"), schemas).unwrap_or_else(|e| panic!("{pointer}: {e}"));
        if let Err(e) = schemas.validate(value, schema) {
            panic!("{call}: {e}\n{value}");
        }
    });
}
