//! The fields of a merchant-presented payment text, in words, as `pay-handoff inspect` shows them.

use std::fmt::Write;

use super::inspect::printable;
use crate::domain::locale::Locale;
use crate::qr::emvco::{Field, fields};

/// One line for each field that people ask for; nothing for a text whose fields cannot be told apart.
pub fn explain(text: &str, locale: Locale) -> String {
    let mut words = String::new();
    for field in fields(text).unwrap_or_default() {
        if let Some(name) = name(field.tag, locale) {
            let value = value(&field, locale);
            // Writing to a String cannot fail.
            let _ = match locale {
                Locale::ZhCn => writeln!(words, "    {name}({}):{value}", field.tag),
                Locale::En => writeln!(words, "    {name} ({}): {value}", field.tag),
            };
        }
    }
    words
}

fn name(tag: &str, locale: Locale) -> Option<&'static str> {
    let (zh_cn, en) = match tag {
        "01" => ("使用次数", "use"),
        "02" | "03" => ("Visa 账户", "Visa account"),
        "04" | "05" => ("万事达账户", "Mastercard account"),
        "15" | "16" => ("银联账户", "UnionPay account"),
        tag if is_account(tag) => ("收款账户", "merchant account"),
        "52" => ("商户类别", "merchant category"),
        "53" => ("币种(ISO 4217)", "currency (ISO 4217)"),
        "54" => ("金额", "amount"),
        "58" => ("国家或地区", "country"),
        "59" => ("商户名称", "merchant name"),
        "60" => ("城市", "city"),
        "61" => ("邮编", "postal code"),
        "62" => ("附加信息", "additional data"),
        "63" => ("校验和", "checksum"),
        "64" => ("其他语言", "in another language"),
        _ => return None,
    };
    Some(match locale {
        Locale::ZhCn => zh_cn,
        Locale::En => en,
    })
}

/// A template of one scheme, which names itself in its field 00.
fn is_account(tag: &str) -> bool {
    ("26"..="51").contains(&tag)
}

/// What the field says; a template as its own fields, in order.
fn value(field: &Field<'_>, locale: Locale) -> String {
    match (field.tag, locale) {
        ("01", _) => match (field.value, locale) {
            ("11", Locale::ZhCn) => "可多次使用(静态码)".to_owned(),
            ("11", Locale::En) => "again and again (static)".to_owned(),
            ("12", Locale::ZhCn) => "一次性(动态码)".to_owned(),
            ("12", Locale::En) => "once (dynamic)".to_owned(),
            _ => printable(field.value),
        },
        (tag, _) if is_account(tag) || matches!(tag, "62" | "64") => {
            let inner = fields(field.value).unwrap_or_default();
            let parts: Vec<String> = inner.iter().map(|part| format!("{}={}", part.tag, part.value)).collect();
            if parts.is_empty() { printable(field.value) } else { printable(&parts.join(", ")) }
        }
        _ => printable(field.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_text_is_told_field_by_field_in_both_languages() {
        let text = "00020101021226400009SG.PAYNOW010120213200002150HWCF0301052040000530370254031005802SG5914company_1_data6009Singapore62170113INV/TEST/0001630416C8";
        let english = explain(text, Locale::En);
        let expected = [
            "    use (01): once (dynamic)",
            "    merchant account (26): 00=SG.PAYNOW, 01=2, 02=200002150HWCF, 03=0",
            "    merchant category (52): 0000",
            "    currency (ISO 4217) (53): 702",
            "    amount (54): 100",
            "    country (58): SG",
            "    merchant name (59): company_1_data",
            "    city (60): Singapore",
            "    additional data (62): 01=INV/TEST/0001",
            "    checksum (63): 16C8",
        ];
        assert_eq!(english.lines().collect::<Vec<_>>(), expected);
        let chinese = explain(text, Locale::ZhCn);
        assert!(
            chinese.contains("金额(54):100\n")
                && chinese.contains("一次性")
                && chinese.lines().count() == expected.len()
        );
    }

    #[test]
    fn what_a_text_says_cannot_steer_the_terminal_and_a_broken_one_says_nothing() {
        assert!(explain("5905\u{1b}[2Jx", Locale::En).contains(r"merchant name (59): \u{1b}[2Jx"));
        assert_eq!(explain("00020159", Locale::En), "");
    }
}
