//! Who issued a certificate under which number: by these two, some wallets call a certificate.

use tokio_rustls::rustls::pki_types::pem::SectionKind;

use super::certificate::{Certificate, Parts};
use super::der::{OBJECT_IDENTIFIER, Reader, SEQUENCE, SET};
use super::{KeyFault, called, sections_of_file};

/// The beginning of the identifiers of all RSA signatures, 1.2.840.113549.1.1.
const RSA_SIGNATURES: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
/// The parts of names that have short names, below 2.5.4.
const SHORT_NAMES: [(u8, &str); 6] = [(3, "CN"), (6, "C"), (7, "L"), (8, "ST"), (10, "O"), (11, "OU")];
/// Kinds of text that are UTF-8 or a part of it: `UTF8String`, `PrintableString`, `IA5String`.
const TEXTS: [u8; 3] = [0x0c, 0x13, 0x16];

/// How a certificate is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its issuer: `CN=Shop CA,OU=Trust,O=Pay,C=CN`, the narrowest part first.
    pub issuer: String,
    /// Its number in decimal digits.
    pub number: String,
}

impl Issued {
    /// What this certificate is called.
    ///
    /// # Errors
    /// [`KeyFault`]: the name of its issuer can be written in more than one way.
    pub fn of(certificate: &Certificate) -> Result<Self, KeyFault> {
        Self::named(certificate.issuer(), certificate.number.clone())
    }

    fn named(issuer: Reader<'_>, number: String) -> Result<Self, KeyFault> {
        let issuer = name(issuer).ok_or_else(|| KeyFault::new("holds a certificate with an unusual issuer"))?;
        Ok(Self { issuer, number })
    }

    /// What the certificates of a file are called, in their order. Passes over those that were not signed with RSA.
    ///
    /// # Errors
    /// [`KeyFault`]: something else than certificates, or an issuer whose name can be written in more than one way.
    pub fn all_from_file(file: &[u8]) -> Result<Vec<Self>, KeyFault> {
        let mut all = Vec::new();
        for (kind, der) in sections_of_file(file)? {
            if kind != SectionKind::Certificate {
                return Err(KeyFault::new(format!("holds {}, not a certificate", called(kind))));
            }
            let parts = Parts::read(&der).ok_or_else(|| KeyFault::new("holds no X.509 certificate"))?;
            if parts.algorithm.starts_with(&RSA_SIGNATURES) {
                all.push(Self::named(parts.issuer, decimal(parts.serial))?);
            }
        }
        Ok(all)
    }
}

/// A name, from its last part to its first; `None` for parts without a short name, and for texts that would have to be escaped.
fn name(mut parts: Reader<'_>) -> Option<String> {
    let mut written = Vec::new();
    while !parts.is_at_end() {
        let mut part = parts.enter(SET)?.enter(SEQUENCE)?;
        let kind = part.take(OBJECT_IDENTIFIER)?.strip_prefix(&[0x55, 0x04])?;
        let (_, short) = SHORT_NAMES.iter().find(|(number, _)| kind == [*number])?;
        let text = part.next().filter(|text| TEXTS.contains(&text.tag))?;
        let text = std::str::from_utf8(text.content).ok()?;
        let is_plain =
            text.trim() == text && !text.starts_with('#') && !text.contains([',', '+', '"', '\\', '<', '>', ';']);
        written.push(is_plain.then(|| format!("{short}={text}"))?);
    }
    written.reverse();
    Some(written.join(","))
}

/// A number of any length in decimal digits.
pub(super) fn decimal(bytes: &[u8]) -> String {
    // The digits, lowest first; each byte moves them up by 256.
    let mut digits = vec![0_u32];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            let value = *digit * 256 + carry;
            *digit = value % 10;
            carry = value / 10;
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    digits.iter().rev().filter_map(|digit| char::from_digit(*digit, 10)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{make_key_of, merchant_key};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn certificates_are_called_by_issuer_and_number() {
        let made = make_key_of("/C=CN/O=Ant Financial/OU=Certification Authority/CN=Class 2 R1");
        let two = made.certificate.clone() + &merchant_key().certificate;
        let issued = Issued::all_from_file(two.as_bytes()).unwrap();
        assert_eq!(Issued::of(&Certificate::from_pem(&made.certificate).unwrap()).unwrap(), issued[0]);
        assert_eq!(issued[0].issuer, "CN=Class 2 R1,OU=Certification Authority,O=Ant Financial,C=CN");
        assert_eq!(issued[1].issuer, "CN=Tea Shop");
        assert_eq!(issued[0].number, u128_of(&made.serial));
        assert!(Issued::all_from_file(merchant_key().public_key.as_bytes()).is_err());
        let odd = make_key_of("/CN=Tea, Shop");
        assert!(Issued::all_from_file(odd.certificate.as_bytes()).is_err(), "it could be written in more than one way");
    }

    /// A long hexadecimal number in decimal, by another way: halves of which the product fits.
    fn u128_of(hexadecimal: &str) -> String {
        let (high, low) = hexadecimal.split_at(hexadecimal.len().saturating_sub(16));
        let high = u128::from_str_radix(high, 16).unwrap_or_default();
        let low = u128::from(u64::from_str_radix(low, 16).unwrap());
        // high * 2^64 + low, in two pieces of 10^19.
        let piece = 10_u128.pow(19);
        let shift = 1_u128 << 64;
        let (high_top, high_rest) = (high / piece, high % piece);
        let rest = high_rest * shift + low;
        let top = high_top * shift + rest / piece;
        if top == 0 { format!("{}", rest % piece) } else { format!("{top}{:019}", rest % piece) }
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_numbers(number in any::<u128>()) {
            prop_assert_eq!(decimal(&number.to_be_bytes()), number.to_string());
        }
    }
}
