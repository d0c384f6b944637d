//! What Alipay signs with, as an account names it: a bare key, or the certificates of one file.

use std::collections::BTreeMap;

use md5::{Digest, Md5};

use super::named::{in_file, in_its_time, plain_bytes};
use crate::config::Surroundings;
use crate::config::fault::Report;
use crate::config::section::Section;
use crate::keys::{Certificate, Issued, KeyFault, RsaPrivateKey, RsaPublicKey};

/// The field that names Alipay's certificates.
const FIELD: &str = "alipay_cert_file";

/// What answers and notices are verified with.
#[derive(Clone, Debug)]
pub enum AlipayKeys {
    /// `alipay_public_key_file`.
    Bare(RsaPublicKey),
    /// The keys of the certificates in `alipay_cert_file` under what Alipay calls them; at least one. While Alipay changes its
    /// certificate, both are there.
    Certified(BTreeMap<String, RsaPublicKey>),
}

impl AlipayKeys {
    /// Whether Alipay signed these bytes: with the certificate that is named, or with any when none is.
    #[must_use]
    pub fn verify(&self, named: Option<&str>, message: &[u8], signature: &[u8]) -> bool {
        match (self, named) {
            (Self::Bare(key), _) => key.verifies(message, signature),
            (Self::Certified(known), Some(name)) => known.get(name).is_some_and(|key| key.verifies(message, signature)),
            (Self::Certified(known), None) => known.values().any(|key| key.verifies(message, signature)),
        }
    }

    /// Whether this names a certificate that the account does not have.
    #[must_use]
    pub fn lack(&self, named: &str) -> bool {
        matches!(self, Self::Certified(known) if !known.contains_key(named))
    }
}

/// What Alipay calls a certificate: MD5 of issuer and number, in hexadecimal.
pub(super) fn name(issued: &Issued) -> String {
    let digest = Md5::digest(format!("{}{}", issued.issuer, issued.number));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A certificate of the file that can be verified with, or the reason why not.
type Judged = Result<(String, RsaPublicKey), String>;

/// Reads Alipay's certificates; `None` when none of them can be used, which is then reported with every reason.
pub(super) fn certified(
    table: &mut Section<'_>,
    own: Option<&RsaPrivateKey>,
    around: &Surroundings<'_>,
    report: &mut Report,
) -> Option<AlipayKeys> {
    let judged = table.required(FIELD, report, |text| {
        let (path, file) = plain_bytes(text, around)?;
        let all = Certificate::all_from_file(&file).map_err(|fault| in_file(&path, &fault))?;
        Ok(judge(&all, own, around, &|fault| in_file(&path, fault)))
    })?;
    let (good, bad): (Vec<_>, Vec<_>) = judged.into_iter().partition(|(_, judged)| judged.is_ok());
    let bad_is_empty = bad.is_empty();
    for (place, reason) in bad.into_iter().filter_map(|(place, judged)| judged.err().map(|reason| (place, reason))) {
        if good.is_empty() {
            table.fault(FIELD, report, place + &reason);
        } else {
            table.warn(FIELD, report, &format!("{place}{reason}; it is not used, and the others are."));
        }
    }
    if good.is_empty() && bad_is_empty {
        table.fault(FIELD, report, "holds nothing but issuers of one another");
    }
    let keys: BTreeMap<_, _> = good.into_iter().filter_map(|(_, judged)| judged.ok()).collect();
    (!keys.is_empty()).then_some(AlipayKeys::Certified(keys))
}

/// Looks at each certificate that is not there as the issuer of another one. Beside each, where it stands when there are several.
fn judge(
    all: &[Result<Certificate, KeyFault>],
    own: Option<&RsaPrivateKey>,
    around: &Surroundings<'_>,
    in_file: &dyn Fn(&KeyFault) -> String,
) -> Vec<(String, Judged)> {
    let is_issuer = |candidate: &Certificate| {
        let of_other_keys = all.iter().flatten().filter(|other| other.public_key != candidate.public_key);
        of_other_keys.into_iter().any(|other| other.is_issued_by(candidate))
    };
    let judge = |read: &Result<Certificate, KeyFault>| {
        let certificate = read.as_ref().map_err(in_file)?;
        in_its_time(certificate, around.now)?;
        if own.is_some_and(|own| own.public() == certificate.public_key) {
            return Err("holds the merchant's own certificate; Alipay's is wanted".to_owned());
        }
        let issued = Issued::of(certificate).map_err(|fault| in_file(&fault))?;
        Ok((name(&issued), certificate.public_key.clone()))
    };
    let signers = all.iter().enumerate().filter(|(_, read)| !read.as_ref().is_ok_and(is_issuer));
    let place =
        |at: usize| if all.len() == 1 { String::new() } else { format!("at place {} of {}, ", at + 1, all.len()) };
    signers.map(|(at, read)| (place(at), judge(read))).collect()
}
