//! A root, a middle and those who sign under them, made for this run with the `openssl` command.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::pretended::keys::{Identity, openssl};

/// Everybody who signs in these tests.
pub struct Identities {
    /// The shop.
    pub merchant: Identity,
    /// The number of its certificate, decimal.
    pub merchant_number: String,
    /// UnionPay.
    pub unionpay: Identity,
    /// Somebody else with a certificate under the same middle.
    pub other_owner: Identity,
    /// UnionPay under the next middle certificate.
    pub next: Identity,
    /// UnionPay with a certificate that has expired, one that is not valid yet, and a valid one under a middle that has expired.
    pub outdated: [Identity; 3],
    /// Somebody who calls himself and those above him like UnionPay.
    pub stranger: Identity,
}

/// Makes `name.key` and `name.pem`, issued by `issuer` or by itself.
fn issue(folder: &Path, name: &str, subject: &str, issuer: Option<&str>) {
    let (key, out, csr) = (format!("{name}.key"), format!("{name}.pem"), format!("{name}.csr"));
    let new = ["req", "-utf8", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-subj", subject, "-out"];
    match issuer {
        None => drop(openssl(&[&new[..], &[out.as_str(), "-x509", "-days", "9"]].concat(), folder)),
        Some(issuer) => {
            let (authority, authority_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
            openssl(&[&new[..], &[csr.as_str()]].concat(), folder);
            let sign = ["x509", "-req", "-in", &csr, "-CA", &authority, "-CAkey", &authority_key, "-CAcreateserial"];
            openssl(&[&sign[..], &["-days", "9", "-out", &out]].concat(), folder);
        }
    }
}

/// Makes `name.key` and `name.pem`, issued by `issuer` and valid between these moments.
fn issue_for(folder: &Path, name: &str, subject: &str, issuer: &str, from: &str, until: &str) {
    let settings = "[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\nnew_certs_dir = .\nrand_serial = yes\ndefault_md = sha256\n\
        policy = p\nunique_subject = no\nemail_in_dn = no\n\
        [p]\ncountryName = optional\norganizationName = optional\ncommonName = supplied\n";
    std::fs::write(folder.join("ca.cnf"), settings).expect("a file");
    std::fs::write(folder.join("index.txt"), "").expect("a file");
    let (key, out, csr) = (format!("{name}.key"), format!("{name}.pem"), format!("{name}.csr"));
    let new = ["req", "-utf8", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-subj", subject, "-out", &csr];
    openssl(&new, folder);
    let (authority, authority_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
    let sign = ["ca", "-config", "ca.cnf", "-batch", "-notext", "-preserveDN", "-utf8", "-in", &csr, "-out", &out];
    let by = ["-cert", &authority, "-keyfile", &authority_key, "-startdate", from, "-enddate", until];
    openssl(&[&sign[..], &by].concat(), folder);
}

impl Identities {
    /// The path of one of the files.
    pub fn file(&self, name: &str) -> PathBuf {
        self.merchant.file(name)
    }
}

/// The identities of this run.
pub fn identities() -> &'static Identities {
    static ALL: OnceLock<Identities> = OnceLock::new();
    ALL.get_or_init(|| {
        let folder = Arc::new(tempfile::tempdir().expect("a directory"));
        let at = folder.path();
        let signing = "/C=CN/O=CFCA/CN=041@Z12@中国银联股份有限公司@SIGN00000001";
        issue(at, "root", "/C=CN/O=UnionPay/CN=Root", None);
        issue(at, "middle", "/C=CN/O=UnionPay/CN=Middle", Some("root"));
        issue(at, "unionpay", signing, Some("middle"));
        issue(at, "other_owner", "/C=CN/O=CFCA/CN=041@Z12@Tea Shop@SIGN00000001", Some("middle"));
        issue(at, "merchant", "/C=CN/O=CFCA/CN=041@Z12@Tea Shop@SIGN00000002", Some("middle"));
        issue(at, "next_middle", "/C=CN/O=UnionPay/CN=Next Middle", Some("root"));
        issue(at, "next", signing, Some("next_middle"));
        let (past, future) = (["20200101000000Z", "20210101000000Z"], ["20900101000000Z", "20910101000000Z"]);
        issue_for(at, "expired", signing, "middle", past[0], past[1]);
        issue_for(at, "not_yet", signing, "middle", future[0], future[1]);
        issue_for(at, "old_middle", "/C=CN/O=UnionPay/CN=Old Middle", "root", past[0], past[1]);
        issue(at, "under_old", signing, Some("old_middle"));
        let all: String = ["old_middle", "middle", "next_middle"]
            .map(|name| std::fs::read_to_string(at.join(format!("{name}.pem"))).expect("a file"))
            .concat();
        std::fs::write(at.join("middles.pem"), all).expect("a file");
        issue(at, "false_middle", "/C=CN/O=UnionPay/CN=Middle", None);
        issue(at, "stranger", signing, Some("false_middle"));
        openssl(
            &[
                "pkcs12",
                "-export",
                "-inkey",
                "merchant.key",
                "-in",
                "merchant.pem",
                "-certfile",
                "middle.pem",
                "-out",
                "merchant.pfx",
                "-passout",
                "pass:canary-password",
            ],
            at,
        );
        std::fs::set_permissions(at.join("merchant.pfx"), std::fs::Permissions::from_mode(0o600)).expect("a mode");
        let load = |name: &str| Identity::load(Arc::clone(&folder), &format!("{name}.key"), &format!("{name}.pem"));
        let merchant = load("merchant");
        Identities {
            merchant_number: merchant.number(),
            merchant,
            unionpay: load("unionpay"),
            other_owner: load("other_owner"),
            next: load("next"),
            outdated: [load("expired"), load("not_yet"), load("under_old")],
            stranger: load("stranger"),
        }
    })
}
