//! `pay-handoff check-config FILE`: what a configuration file says, or everything that is wrong with it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::config::{self, ConfiguredMerchant, Inspection, Outside};
use crate::domain::merchant::{LatePayment, Mode};

/// Which file to check.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckConfigArguments {
    /// The configuration file (TOML).
    pub file: PathBuf,
}

/// Checks the file as `serve --config` would, and writes nothing but its findings: what it found to `output`, or every fault to
/// `errors`; warnings go to `errors` in both cases. True when the file can be served.
///
/// # Errors
/// When `output` or `errors` cannot be written.
pub fn run(file: &Path, outside: Outside<'_>, output: &mut dyn Write, errors: &mut dyn Write) -> io::Result<bool> {
    let inspection = config::inspect(file, outside);
    let fine = inspection.faults.0.is_empty();
    if fine {
        write_findings(&inspection, output)?;
    } else {
        writeln!(errors, "{}: {}", file.display(), inspection.faults)?;
    }
    for warning in &inspection.warnings {
        writeln!(errors, "warning: {warning}")?;
    }
    output.flush()?;
    errors.flush()?;
    Ok(fine)
}

fn write_findings(inspection: &Inspection, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "The configuration is fine.")?;
    writeln!(output, "listens on      {}", inspection.listen)?;
    writeln!(output, "public address  {}", inspection.public_url)?;
    inspection.merchants.iter().try_for_each(|merchant| write_merchant(merchant, output))
}

fn write_merchant(configured: &ConfiguredMerchant, output: &mut dyn Write) -> io::Result<()> {
    let merchant = &configured.merchant;
    let mode = match merchant.mode {
        Mode::Live => "live",
        Mode::Sandbox => "sandbox: simulated wallets, no real money",
    };
    let late = match merchant.late_payment {
        LatePayment::Refund => "are refunded",
        LatePayment::Accept => "are accepted",
    };
    writeln!(output, "merchant {} \"{}\" ({mode})", merchant.id, merchant.name)?;
    writeln!(output, "  API keys       {}", configured.api_keys.len())?;
    for (wallet, products) in &merchant.wallets {
        let products: Vec<&str> = products.iter().map(|product| product.as_str()).collect();
        writeln!(output, "  {:<13}  {}", wallet.as_str(), products.join(", "))?;
    }
    if !merchant.origins.is_empty() {
        writeln!(output, "  origins        {}", merchant.origins.join(", "))?;
    }
    writeln!(output, "  late payments  {late}")?;
    writeln!(output, "  friend window  {} s", merchant.friend_window.as_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn nowhere() -> Outside<'static> {
        Outside { environment: &|_| None, now: Timestamp::from_seconds(1_800_000_000) }
    }

    fn check(text: &str) -> (bool, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pay.toml");
        std::fs::write(&file, text).unwrap();
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let fine = run(&file, nowhere(), &mut output, &mut errors).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "checking wrote a file");
        (fine, String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap())
    }

    const FINE: &str = r#"
        public_url = "https://pay.example"
        [merchants.teashop]
        name = "青石茶铺"
        mode = "sandbox"
        api_keys = ["sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]
        [merchants.teashop.wallets.wechat_pay]
        products = ["code"]
        [merchants.teashop.wallets.alipay]
    "#;

    #[test]
    fn a_fine_file_is_told_back_with_its_merchants_wallets_and_products() {
        let (fine, output, errors) = check(FINE);
        assert!(fine);
        for part in [
            "https://pay.example",
            "teashop \"青石茶铺\"",
            "wechat_pay     code\n",
            "alipay         code, in_app, browser",
        ] {
            assert!(output.contains(part), "{part} is not in:\n{output}");
        }
        assert!(!output.contains("unionpay"));
        assert!(errors.starts_with("warning: ") && errors.contains("apply for JSAPI"), "{errors}");
    }

    #[test]
    fn a_broken_file_is_explained_fault_by_fault_and_is_not_fine() {
        let (fine, output, errors) = check(&FINE.replace("sandbox", "canary").replace("alipay", "alipai"));
        assert!(!fine && output.is_empty());
        assert!(errors.contains("2 faults") && !errors.contains("canary"), "{errors}");
        assert!(errors.contains("merchants.teashop.mode (line 5): must be"), "{errors}");
        assert!(
            errors.contains("merchants.teashop.wallets.alipai (line 9): is not a known key; did you mean `alipay`?"),
            "{errors}"
        );
    }

    #[test]
    fn a_file_that_does_not_exist_is_a_fault() {
        let mut errors = Vec::new();
        assert!(!run(Path::new("/nowhere/pay.toml"), nowhere(), &mut Vec::new(), &mut errors).unwrap());
        assert!(String::from_utf8(errors).unwrap().contains("cannot be read"));
    }
}
