//! The fields of a merchant-presented payment text, in words, as `pay-handoff inspect` shows them.

use std::fmt::Write;

use super::inspect::printable;
use crate::domain::locale::Locale;
use crate::qr::emvco::{Fault, Field, check, fields};

/// One line for each field that people ask for, if they can be told apart, and one for what is wrong or lacking.
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
    words + &standing(text, locale)
}

/// What is wrong with the text, or what it lacks though wallets may take it.
fn standing(text: &str, locale: Locale) -> String {
    let (zh_cn, en) = match check(text) {
        Ok(lacking) if lacking.is_empty() => return String::new(),
        Ok(lacking) => {
            let tags = lacking.join(", ");
            (format!("缺少常见字段:{tags}"), format!("lacks usual fields: {tags}"))
        }
        Err(Fault::Chain) => ("错误:长度与内容不符".to_owned(), "wrong: the lengths do not lead to the end".to_owned()),
        Err(Fault::Order) => {
            ("错误:首字段不是 00 或末字段不是 63".to_owned(), "wrong: 00 is not first or 63 not last".to_owned())
        }
        Err(Fault::Checksum) => ("错误:校验和不符".to_owned(), "wrong: the checksum does not fit".to_owned()),
        Err(Fault::Twice(tag)) => (format!("错误:字段重复({tag})"), format!("wrong: a field stands twice ({tag})")),
        Err(Fault::Template(tag)) => (format!("错误:模板内容不对({tag})"), format!("wrong: not a template ({tag})")),
        Err(Fault::Form(tag)) => (format!("错误:格式不对({tag})"), format!("wrong: not the form of its tag ({tag})")),
        Err(Fault::NoAccount) => ("错误:没有收款账户".to_owned(), "wrong: nobody is paid".to_owned()),
    };
    format!("    {}\n", if locale == Locale::ZhCn { zh_cn } else { en })
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
    fn what_a_text_says_cannot_steer_the_terminal_and_a_broken_one_says_only_that() {
        assert!(explain("5905\u{1b}[2Jx", Locale::En).contains(r"merchant name (59): \u{1b}[2Jx"));
        assert_eq!(explain("00020159", Locale::En), "    wrong: the lengths do not lead to the end\n");
    }

    #[test]
    fn what_is_wrong_or_lacking_is_told_in_both_languages() {
        let promptpay = "00020101021129370016A000000677010111011300668012345675802TH530376463046197";
        assert!(explain(promptpay, Locale::En).ends_with("    lacks usual fields: 52, 59, 60\n"));
        assert!(explain(promptpay, Locale::ZhCn).ends_with("    缺少常见字段:52, 59, 60\n"));
        assert!(explain("0002016304AAE6", Locale::En).ends_with("    wrong: nobody is paid\n"));
        assert!(explain("0002016304aae6", Locale::ZhCn).ends_with("    错误:校验和不符\n"));
    }
}
