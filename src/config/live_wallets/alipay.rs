//! The fields of a live Alipay account.

use super::{Field, word};
use crate::config::fault::Report;
use crate::config::file::path;
use crate::config::section::Section;

/// Its fields beside `products`.
pub(super) const FIELDS: &[Field] = &[
    "base_url",
    "app_id",
    "seller_id",
    "private_key_file",
    "alipay_public_key_file",
    "app_cert_file",
    "alipay_cert_file",
    "alipay_root_cert_file",
];

/// Checks the shape of the fields.
pub(super) fn check(table: &mut Section<'_>, report: &mut Report) {
    table.required("app_id", report, |text| word(text, 32, u8::is_ascii_digit, "digits"));
    table.required("seller_id", report, |text| word(text, 28, u8::is_ascii_digit, "digits"));
    table.required("private_key_file", report, path);
    let certificates = ["app_cert_file", "alipay_cert_file", "alipay_root_cert_file"];
    let public_key = table.has("alipay_public_key_file");
    let given = certificates.into_iter().filter(|field| table.has(field)).count();
    table.text("alipay_public_key_file", report, path);
    match (public_key, given) {
        (true, 0) => {}
        (false, 1..) => certificates.into_iter().for_each(|field| {
            table.required(field, report, path);
        }),
        (true, _) => {
            table.fault(
                "alipay_public_key_file",
                report,
                "contradicts the certificate files: Alipay uses one way or the other",
            );
        }
        (false, _) => table.fault(
            "alipay_public_key_file",
            report,
            "is missing; give it, or app_cert_file, alipay_cert_file and alipay_root_cert_file together",
        ),
    }
}
