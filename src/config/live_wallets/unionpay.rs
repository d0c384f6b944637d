//! A live UnionPay account: its fields, and the keys that they name.

use url::Url;

use super::named::{certificate, in_file, in_its_time, secret_bytes, variable};
use super::{Field, word};
use crate::config::Surroundings;
use crate::config::fault::Report;
use crate::config::section::Section;
use crate::config::web_address::gateway;
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
    /// `middle_cert_file`: under which the certificates of answers and notices are issued; issued itself under `root_cert_file`.
    pub middle_certificate: Certificate,
    /// `signer`: whom they must name.
    pub signer: String,
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
    let mut certificate = |field| table.required(field, report, |text| certificate(text, around));
    let (root, middle) = (certificate("root_cert_file"), certificate("middle_cert_file"));
    if let Some((root, middle)) = root.as_ref().zip(middle.as_ref())
        && !middle.is_issued_by(root)
    {
        let rule = match middle.is_signed_with_sha1() {
            true => {
                "holds a certificate that was signed with SHA-1, which is not taken: ask UnionPay for its newer one"
            }
            false => "holds a certificate that was not issued under the one in root_cert_file",
        };
        table.fault("middle_cert_file", report, rule);
    }
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
        middle_certificate: middle?,
        signer: signer?,
    })
}
