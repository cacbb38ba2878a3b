//! Our ChaCha20-Poly1305 beside RustCrypto's: with any key, nonce, associated data and text, the text cut anywhere into messages.

use aead::{AeadInOut, KeyInit};
use strongroom_chacha::ChaCha20Poly1305;

type Vetted = chacha20poly1305::ChaCha20Poly1305;

/// `key 32 ‖ nonce 12 ‖ length of associated data u8 ‖ times u8 ‖ three cuts u16 ‖ where to change a bit u16 ‖ associated data ‖ text`.
const FRONT: usize = 32 + 12 + 1 + 1 + 6 + 2;

pub fn seeds() -> Vec<Vec<u8>> {
    [0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 257, 700].map(|length| (0..FRONT + length).map(|at| (at * 37) as u8).collect()).into()
}

pub fn same(bytes: &[u8]) {
    let Some((front, rest)) = bytes.split_first_chunk::<FRONT>() else { return };
    let key: &[u8; 32] = front.first_chunk().expect("32 bytes");
    let mut nonce: [u8; 12] = front[32..44].try_into().expect("12 bytes");
    let (associated, text) = rest.split_at(rest.len().min(front[44].into()));
    let text = text.repeat(1 + usize::from(front[45]) % 24);
    let number = |at: usize| usize::from(u16::from_le_bytes([front[at], front[at + 1]]));
    let mut cuts = [46, 48, 50].map(|at| number(at) % (text.len() + 1));
    cuts.sort_unstable();
    let (ours, vetted) = (ChaCha20Poly1305::new(key.into()), Vetted::new(key.into()));
    let (mut mine, mut theirs) = (text.clone(), text.clone());
    for (from, to) in [0, cuts[0], cuts[1], cuts[2]].into_iter().zip([cuts[0], cuts[1], cuts[2], text.len()]) {
        nonce[11] = nonce[11].wrapping_add(1);
        let nonce = (&nonce).into();
        let (mine, theirs) = (&mut mine[from..to], &mut theirs[from..to]);
        let tag = ours.encrypt_inout_detached(nonce, associated, (&mut *mine).into()).expect("not too long");
        let expected = vetted.encrypt_inout_detached(nonce, associated, (&mut *theirs).into()).expect("not too long");
        assert!(mine == theirs && tag == expected, "sealed otherwise");
        // One bit of the text or the tag is another: nobody opens it, and ours leaves it as it was.
        let (mut changed, mut other) = (mine.to_vec(), tag);
        let at = number(52) % (8 * (changed.len() + 16));
        match changed.get_mut(at / 8) {
            Some(byte) => *byte ^= 1 << (at % 8),
            None => other[at / 8 - changed.len()] ^= 1 << (at % 8),
        }
        let before = changed.clone();
        assert!(ours.decrypt_inout_detached(nonce, associated, changed.as_mut_slice().into(), &other).is_err(), "opened what was changed");
        assert!(changed == before, "what is refused is not as it was");
        assert!(ours.decrypt_inout_detached(nonce, associated, theirs.into(), &tag).is_ok(), "what RustCrypto sealed does not open");
        assert!(*theirs == text[from..to], "opened to something else");
    }
}
