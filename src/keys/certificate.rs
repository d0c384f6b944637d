//! X.509 certificates, as far as wallets use them: a number, a time and a public key.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tokio_rustls::rustls::pki_types::pem::SectionKind;

use super::der::{BIT_STRING, Element, GENERALIZED_TIME, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, SET, UTC_TIME};
use super::issuer::decimal;
use super::rsa::RsaPublicKey;
use super::{KeyFault, called, only_section, sections_of_file};
use crate::domain::time::Timestamp;

/// `sha256WithRSAEncryption`, 1.2.840.113549.1.1.11.
const SHA256_WITH_RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// `sha1WithRSAEncryption`, 1.2.840.113549.1.1.5.
const SHA1_WITH_RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];
/// `commonName`, 2.5.4.3.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
/// The tag of the version, which stands before the number since version 2.
const VERSION: u8 = 0xa0;

/// A certificate with an RSA key. That somebody trustworthy signed it is not looked at here: a merchant's own certificate and a
/// platform certificate of WeChat Pay come to us in ways that prove where they are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its number in hexadecimal, as [`serial_number`] writes it.
    pub serial: String,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
    /// Whose signatures it is about.
    pub public_key: RsaPublicKey,
    /// The owner's common name; `None` when there is not exactly one.
    pub owner: Option<String>,
    /// Its number in decimal digits.
    pub number: String,
    issuance: Issuance,
}

/// Who is said to have issued a certificate, and the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Issuance {
    issuer: Vec<u8>,
    owner: Vec<u8>,
    signed: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads PEM (`BEGIN CERTIFICATE`).
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn from_pem(text: &str) -> Result<Self, KeyFault> {
        match only_section(text)? {
            (SectionKind::Certificate, der) => Self::from_der(&der),
            (other, _) => Err(KeyFault::new(format!("holds {}, not a certificate", called(other)))),
        }
    }

    /// Reads a file with one certificate: PEM, or DER, which others call `.cer`.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn from_file(file: &[u8]) -> Result<Self, KeyFault> {
        let mut all = Self::all_from_file(file)?;
        match (all.len(), all.pop()) {
            (1, Some(only)) => only,
            _ => Err(KeyFault::new("holds more than one PEM section; one is wanted")),
        }
    }

    /// Reads a file with several certificates, at least one, each as far as it can be read.
    ///
    /// # Errors
    /// [`KeyFault`]: it is no file of certificates at all.
    pub fn all_from_file(file: &[u8]) -> Result<Vec<Result<Self, KeyFault>>, KeyFault> {
        let read = |(kind, der): (SectionKind, Vec<u8>)| match kind {
            SectionKind::Certificate => Self::from_der(&der),
            other => Err(KeyFault::new(format!("holds {}, not a certificate", called(other)))),
        };
        Ok(sections_of_file(file)?.into_iter().map(read).collect())
    }

    /// Whether the owner of that certificate issued this one, by RSA with SHA-256. What either may be used for is not looked at.
    #[must_use]
    pub fn is_issued_by(&self, issuer: &Self) -> bool {
        let own = &self.issuance;
        own.algorithm == SHA256_WITH_RSA
            && own.issuer == issuer.issuance.owner
            && issuer.public_key.verifies(&own.signed, &own.signature)
    }

    /// Whether its issuer signed it with SHA-1, which proves nothing any more: [`Certificate::is_issued_by`] never takes it.
    #[must_use]
    pub fn is_signed_with_sha1(&self) -> bool {
        self.issuance.algorithm == SHA1_WITH_RSA
    }

    /// The name of its issuer, in its parts.
    pub(super) fn issuer(&self) -> Reader<'_> {
        Reader::new(&self.issuance.issuer)
    }

    pub(super) fn from_der(der: &[u8]) -> Result<Self, KeyFault> {
        let parts = Parts::read(der).ok_or_else(|| KeyFault::new("holds no X.509 certificate"))?;
        let hexadecimal: String = parts.serial.iter().map(|digit| format!("{digit:02X}")).collect();
        let moments = moment(parts.not_before).zip(moment(parts.not_after));
        let (not_before, not_after) = moments.ok_or_else(|| KeyFault::new("holds a certificate of no clear time"))?;
        let public_key = RsaPublicKey::from_info(parts.key_info)?;
        let issuance = Issuance {
            issuer: parts.issuer.rest().to_vec(),
            owner: parts.owner.rest().to_vec(),
            signed: parts.signed.to_vec(),
            algorithm: parts.algorithm.to_vec(),
            signature: parts.signature.to_vec(),
        };
        let owner = common_name(parts.owner);
        Ok(Self {
            serial: serial_number(&hexadecimal),
            not_before,
            not_after,
            public_key,
            owner,
            number: decimal(parts.serial),
            issuance,
        })
    }
}

/// A serial number in its one form: capital hexadecimal digits without zeros before them. Tools differ in both.
#[must_use]
pub fn serial_number(hexadecimal: &str) -> String {
    hexadecimal.trim_start_matches('0').to_ascii_uppercase()
}

pub(super) struct Parts<'der> {
    pub serial: &'der [u8],
    /// With which algorithm its issuer signed it.
    pub algorithm: &'der [u8],
    /// The issuer's name, in its parts.
    pub issuer: Reader<'der>,
    /// The owner's.
    pub owner: Reader<'der>,
    /// What the issuer signed, …
    pub signed: &'der [u8],
    /// … and his signature.
    pub signature: &'der [u8],
    not_before: Element<'der>,
    not_after: Element<'der>,
    key_info: &'der [u8],
}

impl<'der> Parts<'der> {
    pub(super) fn read(der: &'der [u8]) -> Option<Self> {
        let mut outer = Reader::new(der).enter(SEQUENCE)?;
        let whole = outer.whole(SEQUENCE)?;
        let mut signed = Reader::new(whole).enter(SEQUENCE)?;
        signed.skip_if(VERSION);
        let serial = signed.take(INTEGER)?;
        let algorithm = signed.enter(SEQUENCE)?.take(OBJECT_IDENTIFIER)?;
        let issuer = signed.enter(SEQUENCE)?;
        let mut validity = signed.enter(SEQUENCE)?;
        let (not_before, not_after) = (validity.next()?, validity.next()?);
        let owner = signed.enter(SEQUENCE)?;
        let key_info = signed.whole(SEQUENCE)?;
        // Named twice, inside and outside of what is signed: the same, or it is no certificate.
        if outer.enter(SEQUENCE)?.take(OBJECT_IDENTIFIER)? != algorithm {
            return None;
        }
        let (unused_bits, signature) = outer.take(BIT_STRING)?.split_first()?;
        let parts =
            Self { serial, algorithm, issuer, owner, signed: whole, signature, not_before, not_after, key_info };
        (*unused_bits == 0 && outer.is_at_end()).then_some(parts)
    }
}

fn common_name(mut parts: Reader<'_>) -> Option<String> {
    let mut found = None;
    while !parts.is_at_end() {
        let mut part = parts.enter(SET)?.enter(SEQUENCE)?;
        if part.take(OBJECT_IDENTIFIER)? == COMMON_NAME {
            let text = std::str::from_utf8(part.next()?.content).ok()?.to_owned();
            if found.replace(text).is_some() {
                return None;
            }
        }
    }
    found
}

/// A moment: `YYMMDDHHMMSSZ`, of which years below 50 lie in this century, or `YYYYMMDDHHMMSSZ`.
fn moment(time: Element<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(time.content).ok()?.strip_suffix('Z')?;
    let (year, rest) = match time.tag {
        UTC_TIME if text.len() == 12 => {
            (if *"50" <= text[..2] { "19" } else { "20" }.to_owned() + &text[..2], &text[2..])
        }
        GENERALIZED_TIME if text.len() == 14 => (text[..4].to_owned(), &text[4..]),
        _ => return None,
    };
    if !rest.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| rest[at..at + 2].parse::<i8>().ok();
    let civil = DateTime::new(year.parse().ok()?, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    let instant = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Timestamp::from_seconds(instant.as_second()))
}
