//! The fields of a live UnionPay account.

use super::{Field, variable_name, word};
use crate::config::fault::Report;
use crate::config::file::path;
use crate::config::section::Section;

/// Its fields beside `products`.
pub(super) const FIELDS: &[Field] =
    &["base_url", "mer_id", "cert_file", "cert_password_env", "root_cert_file", "middle_cert_file"];

/// Checks the shape of the fields.
pub(super) fn check(table: &mut Section<'_>, report: &mut Report) {
    table.required("mer_id", report, |text| match text.len() {
        15 => word(text, 15, u8::is_ascii_alphanumeric, "letters and digits"),
        _ => Err("must have 15 letters and digits".to_owned()),
    });
    table.required("cert_password_env", report, variable_name);
    for field in ["cert_file", "root_cert_file", "middle_cert_file"] {
        table.required(field, report, path);
    }
}
