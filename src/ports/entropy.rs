//! Chance, as an argument.

use uuid::{Builder, Uuid};

use crate::domain::time::Timestamp;

/// Gives random bytes nobody can predict.
pub trait Entropy: Send + Sync {
    /// Fills the whole slice from the system's generator.
    fn fill(&self, bytes: &mut [u8]);
}

/// Makes the things of the domain that need chance.
impl dyn Entropy + '_ {
    /// A version 7 UUID: sorted by the moment it was made.
    #[must_use]
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        Builder::from_unix_timestamp_millis(now.millis().unsigned_abs(), &random).into_uuid()
    }

    /// Sixteen bytes, as a token needs them.
    #[must_use]
    pub fn sixteen(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes
    }

    /// A text of `length` characters of `A-Za-z0-9`, each equally likely.
    #[must_use]
    pub fn alphanumeric(&self, length: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let mut bytes = [0; 64];
            self.fill(&mut bytes);
            // 248 is the largest multiple of 62 in a byte: what lies above would favour the first letters.
            let letters =
                bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(*byte % 62)]));
            text.extend(letters.take(length - text.len()));
        }
        text
    }
}
