//! What every storage must do.

use futures_util::future::join_all;
use strongroom_server::{
    Error,
    name::{Kind, Object, VaultId},
    storage::{Listed, Storage},
};

use super::{object, sha256};

/// Panics where it does not.
pub async fn conforms(storage: &Storage) {
    let vault = VaultId::parse(&"5a".repeat(16)).unwrap();
    let other = VaultId::parse(&"5b".repeat(16)).unwrap();
    let of = |kind, bytes: &[u8]| Object::new(vault.clone(), kind, &sha256(bytes)).unwrap();
    let bodies: Vec<Vec<u8>> = (0..5).map(|seed| object(seed, 4096 << seed)).collect();

    // Nothing is there.
    let absent = of(Kind::Pack, &bodies[0]);
    assert_eq!(storage.stat(absent.clone()).await.unwrap(), None);
    assert!(matches!(storage.get(absent.clone(), None).await, Err(Error::Missing)));
    assert_eq!(storage.list(&vault, Kind::Pack, None, 10).await.unwrap(), (vec![], false));
    storage.delete(absent).await.unwrap();
    assert!(!storage.is_in_use(&vault).await.unwrap());

    // What is put comes back, whole and in part.
    for body in &bodies {
        storage.put(of(Kind::Pack, body), body.clone()).await.unwrap();
    }
    storage.put(of(Kind::Pack, &bodies[0]), bodies[0].clone()).await.expect("the same again changes nothing");
    for body in &bodies {
        let object = of(Kind::Pack, body);
        assert_eq!(storage.stat(object.clone()).await.unwrap(), Some(body.len() as u64));
        assert!(storage.get(object.clone(), None).await.unwrap() == *body);
        assert!(storage.get(object.clone(), Some((100, 4095))).await.unwrap() == body[100..4096]);
        let beyond = body.len() as u64;
        assert!(matches!(storage.get(object, Some((beyond, beyond))).await, Err(Error::Range { .. })));
    }
    assert!(storage.is_in_use(&vault).await.unwrap());

    // Other bytes than the name says do not go in, nor over what is there.
    let wrong = storage.put(of(Kind::Pack, b"something else"), bodies[1].clone()).await;
    assert!(matches!(wrong, Err(Error::Damaged(_))));
    assert!(matches!(storage.put(of(Kind::Pack, &bodies[2]), bodies[1].clone()).await, Err(Error::Damaged(_))));
    assert!(storage.get(of(Kind::Pack, &bodies[2]), None).await.unwrap() == bodies[2]);

    // A list is by name, in pages, of one kind of one vault.
    storage.put(of(Kind::Index, &bodies[0]), bodies[0].clone()).await.unwrap();
    let mut all: Vec<Listed> = bodies.iter().map(|body| Listed { name: sha256(body), length: body.len() as u64 }).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    for most in [1, 2, 5, 6] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (page, more) = storage.list(&vault, Kind::Pack, after, most).await.unwrap();
            assert!(page.len() <= most && (page.len() == most || !more), "{most}: {page:?} {more}");
            after = page.last().map(|one| one.name.clone());
            seen.extend(page);
            if !more {
                break;
            }
        }
        assert_eq!(seen, all, "in pages of {most}");
    }
    assert_eq!(storage.list(&other, Kind::Pack, None, 10).await.unwrap(), (vec![], false));

    // A slot takes another's place.
    let slot = Object::new(vault.clone(), Kind::Slot, &"0".repeat(32)).unwrap();
    for body in &bodies[..2] {
        storage.put(slot.clone(), body.clone()).await.unwrap();
        assert!(storage.get(slot.clone(), None).await.unwrap() == *body);
    }

    // Many of one name at a time all succeed.
    let racer = object(9, 4096);
    for result in join_all((0..32).map(|_| storage.put(of(Kind::Snap, &racer), racer.clone()))).await {
        result.unwrap();
    }
    assert!(storage.get(of(Kind::Snap, &racer), None).await.unwrap() == racer);

    // What is deleted is gone, and can come back.
    storage.delete(of(Kind::Pack, &bodies[3])).await.unwrap();
    assert_eq!(storage.stat(of(Kind::Pack, &bodies[3])).await.unwrap(), None);
    assert_eq!(storage.list(&vault, Kind::Pack, None, 10).await.unwrap().0.len(), 4);
    storage.put(of(Kind::Pack, &bodies[3]), bodies[3].clone()).await.unwrap();
    storage.ping().await.unwrap();
}
