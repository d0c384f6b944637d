//! The part of DER (X.690) that keys and certificates are written in: elements of definite length, read one after the other.

/// `INTEGER`.
pub(super) const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub(super) const BIT_STRING: u8 = 0x03;
/// `OBJECT IDENTIFIER`.
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
/// `UTCTime`.
pub(super) const UTC_TIME: u8 = 0x17;
/// `GeneralizedTime`.
pub(super) const GENERALIZED_TIME: u8 = 0x18;
/// `SET`.
pub(super) const SET: u8 = 0x31;
/// `SEQUENCE`.
pub(super) const SEQUENCE: u8 = 0x30;

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'bytes> {
    pub tag: u8,
    pub content: &'bytes [u8],
}

/// Reads elements from the front of some bytes. What it is not sure of, it does not read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'bytes>(&'bytes [u8]);

impl<'bytes> Reader<'bytes> {
    pub(super) const fn new(bytes: &'bytes [u8]) -> Self {
        Self(bytes)
    }

    /// The next element, whatever it is; `None` at the end, and where the bytes are no DER.
    pub(super) fn next(&mut self) -> Option<Element<'bytes>> {
        let (&tag, rest) = self.0.split_first()?;
        // Tags of more than one byte do not occur in what is read here.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, mut rest) = rest.split_first()?;
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > 3 {
                return None;
            }
            let (digits, after) = rest.split_at_checked(count)?;
            rest = after;
            digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Element { tag, content })
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'bytes [u8]> {
        self.next().filter(|element| element.tag == tag).map(|element| element.content)
    }

    /// A reader of what lies in the next element, which must have this tag.
    pub(super) fn enter(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Self)
    }

    /// The next element with its tag and length, which must have this tag.
    pub(super) fn whole(&mut self, tag: u8) -> Option<&'bytes [u8]> {
        let before = self.0;
        self.take(tag)?;
        Some(&before[..before.len() - self.0.len()])
    }

    /// Passes over the next element if it has this tag.
    pub(super) fn skip_if(&mut self, tag: u8) {
        if self.0.first() == Some(&tag) {
            self.next();
        }
    }

    /// What is not read yet.
    pub(super) const fn rest(&self) -> &'bytes [u8] {
        self.0
    }

    /// Whether everything was read.
    pub(super) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_and_long_lengths_are_read() {
        let long = [&[0x30, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        assert_eq!(Reader::new(&long).take(SEQUENCE), Some(&[7; 256][..]));
        let mut reader = Reader::new(&[0x02, 0x01, 0x05, 0x05, 0x00]);
        assert_eq!(reader.take(INTEGER), Some(&[5][..]));
        assert!(!reader.is_at_end());
        assert_eq!(reader.next(), Some(Element { tag: 5, content: &[] }));
        assert!(reader.is_at_end());
    }

    #[test]
    fn what_is_cut_or_of_no_definite_length_is_not_read() {
        for bytes in [&[0x02][..], &[0x02, 0x02, 0x01], &[0x30, 0x80, 0, 0], &[0x30, 0x84, 0, 0, 0, 0], &[0x1f, 1, 0]] {
            assert_eq!(Reader::new(bytes).next(), None, "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut reader = Reader::new(&bytes);
            let mut read = 0;
            while let Some(element) = reader.next() {
                read += element.content.len() + 2;
            }
            prop_assert!(read <= bytes.len());
        }
    }
}
