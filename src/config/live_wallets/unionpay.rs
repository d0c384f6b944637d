//! A live UnionPay account: its fields, and the keys that they name.

use url::Url;

use super::named::{in_file, in_its_time, plain_bytes, secret_bytes, variable};
use super::{Field, word};
use crate::config::Surroundings;
use crate::config::fault::Report;
use crate::config::section::Section;
use crate::config::web_address::gateway;
use crate::domain::time::Timestamp;
use crate::keys::{Certificate, Pfx, RsaPrivateKey};

/// Its fields beside `products`.
pub(super) const FIELDS: &[Field] =
    &["base_url", "mer_id", "cert_file", "cert_password_env", "root_cert_file", "middle_cert_file", "signer"];

/// The gateway.
const GATEWAY: &str = "https://gateway.95516.com";
/// Whom the certificates of answers and notices must name.
const SIGNER: &str = "中国银联股份有限公司";

/// A merchant's account at UnionPay. Printing it shows no secret.
#[derive(Clone, Debug)]
pub struct UnionpayAccount {
    /// `base_url`: the gateway.
    pub base_url: Url,
    /// `mer_id`: the merchant's number, 15 letters and digits.
    pub mer_id: String,
    /// `cert_file`, opened with `cert_password_env`: what requests are signed with.
    pub private_key: RsaPrivateKey,
    /// The number of the certificate in `cert_file`, decimal.
    pub cert_id: String,
    /// `middle_cert_file`: under which the certificates of answers and notices are issued; never empty.
    pub issuers: Vec<Issuer>,
    /// `signer`: whom they must name.
    pub signer: String,
}

/// A certificate under which UnionPay's own are issued, itself issued under one of `root_cert_file`.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// The certificate.
    pub certificate: Certificate,
    /// From when it and its root are valid, …
    pub from: Timestamp,
    /// … and until when.
    pub until: Timestamp,
}

/// Reads the account; `None` when anything of it is wrong, which is then reported.
pub(super) fn read(table: &mut Section<'_>, around: &Surroundings<'_>, report: &mut Report) -> Option<UnionpayAccount> {
    let base_url = if table.has("base_url") { table.text("base_url", report, gateway) } else { gateway(GATEWAY).ok() };
    let mer_id = table.required("mer_id", report, |text| {
        let fits = text.len() == 15 && word(text, 15, u8::is_ascii_alphanumeric, "").is_ok();
        fits.then(|| text.to_owned()).ok_or_else(|| "must have 15 letters and digits".to_owned())
    });
    let password = table.required("cert_password_env", report, |name| variable(name, around));
    let own = table.required("cert_file", report, |text| {
        let (path, bytes) = secret_bytes(text, around)?;
        // Without a password nothing can be told; that it is missing is a fault already.
        let Some(password) = &password else { return Ok(None) };
        let own = Pfx::read(&bytes, password).map_err(|fault| in_file(&path, &fault))?;
        in_its_time(&own.certificate, around.now)?;
        Ok(Some(own))
    });
    let issuers = issuers(table, around, report);
    let signer = if table.has("signer") {
        table.text("signer", report, |text| {
            let fits = !text.is_empty() && text.len() <= 200 && !text.contains('@');
            fits.then(|| text.to_owned())
                .ok_or_else(|| "must be the name between the signs @ of the common name".to_owned())
        })
    } else {
        Some(SIGNER.to_owned())
    };
    let own = own??;
    Some(UnionpayAccount {
        base_url: base_url?,
        mer_id: mer_id?,
        private_key: own.private_key,
        cert_id: own.certificate.number,
        issuers: issuers?,
        signer: signer?,
    })
}

/// The pinned certificates. Each file may hold several, for the time in which UnionPay changes one for another; one that is not valid now is
/// worth a word, and none that is valid is a fault.
fn issuers(table: &mut Section<'_>, around: &Surroundings<'_>, report: &mut Report) -> Option<Vec<Issuer>> {
    let roots = certificates("root_cert_file", table, around, report);
    let middles = certificates("middle_cert_file", table, around, report);
    let (roots, middles) = (roots?, middles?);
    let mut issuers = Vec::new();
    for (number, middle) in (1..).zip(&middles) {
        let before = issuers.len();
        issuers.extend(roots.iter().filter(|root| middle.is_issued_by(root)).map(|root| Issuer {
            certificate: middle.clone(),
            from: middle.not_before.max(root.not_before),
            until: middle.not_after.min(root.not_after),
        }));
        if issuers.len() == before {
            let why = match middle.is_signed_with_sha1() {
                true => "was signed with SHA-1, which is not taken: ask UnionPay for its newer one",
                false => "was not issued under one in root_cert_file",
            };
            let rule = format!("certificate {number} in it {why}");
            table.fault("middle_cert_file", report, rule);
            return None;
        }
    }
    Some(issuers)
}

/// The certificates of a file, one after another, of which one is valid now.
fn certificates(
    field: &'static str,
    table: &mut Section<'_>,
    around: &Surroundings<'_>,
    report: &mut Report,
) -> Option<Vec<Certificate>> {
    let (all, outdated) = table.required(field, report, |text| {
        let (path, file) = plain_bytes(text, around)?;
        let all = Certificate::all_from_file(&file).and_then(|all| all.into_iter().collect::<Result<Vec<_>, _>>());
        let all = all.map_err(|fault| in_file(&path, &fault))?;
        let outdated = (1..)
            .zip(&all)
            .filter_map(|(number, one)| Some(format!("certificate {number} in it {}", outdated(one, around.now)?)));
        let outdated: Vec<String> = outdated.collect();
        if outdated.len() == all.len() { Err(outdated.join("; ")) } else { Ok((all, outdated)) }
    })?;
    for what in outdated {
        table.warn(field, report, &format!("{what}; nothing that is signed under it is believed."));
    }
    Some(all)
}

/// Why a certificate cannot be believed now.
fn outdated(certificate: &Certificate, now: Timestamp) -> Option<&'static str> {
    if now < certificate.not_before {
        return Some("is not valid yet, or this machine's clock is slow");
    }
    (now > certificate.not_after).then_some("has expired, or this machine's clock is fast")
}
