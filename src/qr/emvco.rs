//! Merchant-presented payment texts of EMVCo (PIX, PayNow, PromptPay, QRIS, …): a chain of tag, length and value, with a checksum last.

/// Whether the text begins as such a text does: tag 00, two characters, `01` (`02` in Malaysia).
#[must_use]
pub fn begins_like_one(text: &str) -> bool {
    text.starts_with("000201") || text.starts_with("000202")
}

/// A field of such a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// What it is: two digits.
    pub tag: &'a str,
    /// What it says; for templates again a chain of fields.
    pub value: &'a str,
}

/// The fields in their order. `None` unless every length leads exactly to the next field and the last one to the end; lengths count
/// characters, not bytes.
#[must_use]
pub fn fields(text: &str) -> Option<Vec<Field<'_>>> {
    let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut fields = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (tag, after_tag) = rest.split_at_checked(2).filter(|(tag, _)| two_digits(tag))?;
        let (length, after_length) = after_tag.split_at_checked(2).filter(|(length, _)| two_digits(length))?;
        let mut after_value = after_length.chars();
        for _ in 0..length.parse::<usize>().ok()? {
            after_value.next()?;
        }
        let end = after_length.len() - after_value.as_str().len();
        fields.push(Field { tag, value: after_length.get(..end)? });
        rest = after_value.as_str();
    }
    Some(fields)
}

/// What is wrong with a text. Tags are the two digits of the outer field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The lengths do not lead from field to field to the end.
    Chain,
    /// Tag 00 is not the first, or 63 not the last.
    Order,
    /// The checksum is not that of the text, or not in capitals.
    Checksum,
    /// A tag stands twice, in the text or in this template of it.
    Twice(String),
    /// A template is no chain of fields, or one of an account does not name its scheme first.
    Template(String),
    /// A value has not the form that its tag demands.
    Form(String),
    /// No field tells who is paid.
    NoAccount,
}

/// Fields that a text should have, though wallets take texts of some schemes without.
const EXPECTED: [&str; 5] = ["52", "53", "58", "59", "60"];

/// Whether the text is whole and well formed; if so, which of the expected fields it lacks.
///
/// # Errors
/// The first [`Fault`].
pub fn check(text: &str) -> Result<Vec<&'static str>, Fault> {
    let fields = fields(text).ok_or(Fault::Chain)?;
    let is_in_order =
        fields.first().is_some_and(|field| field.tag == "00") && fields.last().is_some_and(|field| field.tag == "63");
    if !is_in_order {
        return Err(Fault::Order);
    }
    if !checksum_fits(text) {
        return Err(Fault::Checksum);
    }
    if let Some(tag) = twice(&fields) {
        return Err(Fault::Twice(tag.to_owned()));
    }
    let has = |tag: &str| fields.iter().any(|field| field.tag == tag);
    for field in &fields {
        check_template(field)?;
        // A tip of a fixed amount or share has that amount or share.
        let has_tip = !matches!((field.tag, field.value), ("55", "02") if !has("56"))
            && !matches!((field.tag, field.value), ("55", "03") if !has("57"));
        if !has_form(field) || !has_tip {
            return Err(Fault::Form(field.tag.to_owned()));
        }
    }
    if !fields.iter().any(|field| ("02"..="51").contains(&field.tag)) {
        return Err(Fault::NoAccount);
    }
    Ok(EXPECTED.into_iter().filter(|tag| !has(tag)).collect())
}

/// Whether the text is whole and well formed.
#[must_use]
pub fn is_intact(text: &str) -> bool {
    check(text).is_ok()
}

fn twice<'a>(fields: &[Field<'a>]) -> Option<&'a str> {
    let is_again = |(at, field): &(usize, &Field<'a>)| fields.iter().take(*at).any(|before| before.tag == field.tag);
    fields.iter().enumerate().find(is_again).map(|(_, field)| field.tag)
}

/// Accounts of schemes, additional data, other languages and what nobody reserved are templates: chains of fields of their own.
fn check_template(field: &Field<'_>) -> Result<(), Fault> {
    let is_account = ("26"..="51").contains(&field.tag);
    if !is_account && !matches!(field.tag, "62" | "64") && field.tag < "80" {
        return Ok(());
    }
    let inner =
        fields(field.value).filter(|inner| !inner.is_empty()).ok_or_else(|| Fault::Template(field.tag.to_owned()))?;
    if twice(&inner).is_some() {
        return Err(Fault::Twice(field.tag.to_owned()));
    }
    let names_itself = || inner.first().is_some_and(|first| first.tag == "00" && is_name_of_scheme(first.value));
    if is_account && !names_itself() {
        return Err(Fault::Template(field.tag.to_owned()));
    }
    let is_too_long =
        |part: &Field<'_>| field.tag == "62" && ("01"..="09").contains(&part.tag) && !is_text(part.value, 25);
    if inner.iter().any(is_too_long) { Err(Fault::Form("62".to_owned())) } else { Ok(()) }
}

/// A domain turned around, or the identifier of an application on cards: 5 to 16 bytes in hexadecimal.
fn is_name_of_scheme(value: &str) -> bool {
    let is_application = (10..=32).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_application || (value.contains('.') && value.starts_with(|first: char| first.is_ascii_alphabetic()))
}

fn has_form(field: &Field<'_>) -> bool {
    let value = field.value;
    match field.tag {
        "00" => matches!(value, "01" | "02"),
        "01" => matches!(value, "11" | "12"),
        "52" => is_digits(value, 4),
        "53" => is_digits(value, 3),
        "54" | "56" => value.len() <= 13 && is_decimal(value),
        "55" => matches!(value, "01" | "02" | "03"),
        "57" => is_decimal(value),
        "58" => value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase()),
        "59" => is_text(value, 25),
        "60" => is_text(value, 15),
        "61" => is_text(value, 10),
        _ => true,
    }
}

fn is_digits(value: &str, count: usize) -> bool {
    value.len() == count && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits, with a point among or behind them at most.
fn is_decimal(value: &str) -> bool {
    let (whole, rest) = value.split_once('.').unwrap_or((value, ""));
    !whole.is_empty() && whole.bytes().chain(rest.bytes()).all(|byte| byte.is_ascii_digit())
}

fn is_text(value: &str, most: usize) -> bool {
    (1..=most).contains(&value.chars().count())
}

/// The last four characters are the CRC of everything before them, the `6304` included, in hexadecimal with capitals.
fn checksum_fits(text: &str) -> bool {
    text.len()
        .checked_sub(4)
        .and_then(|end| text.split_at_checked(end))
        .filter(|(before, _)| before.ends_with("6304"))
        .is_some_and(|(before, stated)| stated == format!("{:04X}", crc16(before.as_bytes())))
}

/// CRC-16/CCITT-FALSE: polynomial 1021, initial value FFFF, nothing reflected.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(
            sum ^ (u16::from(*byte) << 8),
            |sum, _| {
                if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_has_the_published_check_value() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
    }

    /// Published texts: EMVCo's own sample, and those in the tests and manuals of the schemes' libraries.
    const INTACT: [&str; 23] = [
        // EMVCo's sample, with Chinese characters: lengths count characters.
        "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A",
        // PIX of Brazil: static, with an amount, dynamic, and the central bank's composite one, whose checksum is not the last template's.
        "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D",
        "00020126650014br.gov.bcb.pix0119nubank@thalesog.com0220Gerado por Pix-Utils52040000530398654041.005802BR5914Thales Ogliari6009Sao Paulo62070503***63046069",
        "00020126510014br.gov.bcb.pix0115thalesog@me.com0210Pedido 123520400005303986540510.005802BR5914THALES OGLIARI6015SAO MIGUEL DO O62070503***63040DC6",
        "00020126740014br.gov.bcb.pix2552payload.psp.com/3ec9d2f9-5f03-4e0e-820d-63a81e769e875204000053039865802BR5914THALES OGLIARI6015SAO MIGUEL DO O62070503***630442C5",
        "00020101021226760014br.gov.bcb.pix2554pix.example.com/qr/v2/8b3da2f39a4140d1a91abd93113bd4415204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***80800014br.gov.bcb.pix2558pix.example.com/qr/v2/rec/94ed2badcbc04c15b0bb7fa35319489063047741",
        // PromptPay of Thailand: by telephone, tax number and wallet, with an amount behind the country, and a long amount.
        "00020101021129370016A000000677010111011300668012345675802TH530376463046197",
        "00020101021129370016A000000677010111021301234567890125802TH530376463040CBD",
        "00020101021129390016A00000067701011103150123456789012345802TH530376463049781",
        "00020101021229370016A000000677010111011300660000000005802TH530376454044.226304E469",
        "00020101021229370016A000000677010111011300668912345675802TH5303764541113371337.756304B7D7",
        // PayNow of Singapore: with a reference, an expiry of eight digits, and one of twelve.
        "00020101021226400009SG.PAYNOW010120213200002150HWCF0301052040000530370254031005802SG5914company_1_data6009Singapore62170113INV/TEST/0001630416C8",
        "00020101021126490009SG.PAYNOW010120210201403121W030110408203012315204000053037025802SG5913ACME Pte Ltd.6009Singapore6304B69E",
        "00020101021226560009SG.PAYNOW010120213201509555BNN1030100412230914205029520400005303702540450.05802SG5914DEV MERCHANT 56009SINGAPORE621601120870-0000VL663049149",
        // FPS of Hong Kong: by telephone, and by number.
        "00020101021226330012hk.com.hkicl0313+852-6789123452040000530334454031005802HK5914company_1_data6002HK62170513INV/TEST/00016304A154",
        "00020101021226320012hk.com.hkicl0207600050906011520400005303344540510.505802HK5902NA6002HK62270523HKTEST202103190606259626304BCD1",
        // VietQR: static, dynamic, with a message.
        "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F",
        "00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA53037045405100005802VN62150811Chuyen tien630453E6",
        "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C",
        // DuitNow of Malaysia, whose format indicator is 02: with and without an amount.
        "00020201021126410014A000000615000101065016640209123456789520499995303458540510.005802MY5909QRCSDNBHD6005BANGI6304343F",
        "00020201021126410014A0000006150001010650166402091234567895204999953034585802MY5909QRCSDNBHD6005BANGI6304184A",
        // QRIS of Indonesia, made up, since published ones belong to real shops: static and dynamic.
        "00020101021126690017ID.CO.EXAMPLE.WWW011893600000000000000102150000000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581253033605802ID5911TOKO CONTOH6007JAKARTA61051011062070703A016304D751",
        "00020101021226690017ID.CO.EXAMPLE.WWW011893600000000000000102150000000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581253033605405250005802ID5911TOKO CONTOH6007JAKARTA61051011062070703A016304C8CC",
    ];

    fn value<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
        fields(text)?.into_iter().find(|field| field.tag == tag).map(|field| field.value)
    }

    #[test]
    fn published_texts_of_nine_schemes_are_intact() {
        for text in INTACT {
            assert!(begins_like_one(text) && is_intact(text), "{text}");
        }
    }

    #[test]
    fn no_text_stays_intact_when_a_character_is_another() {
        for text in INTACT {
            for (place, character) in text.char_indices().filter(|(_, character)| character.is_ascii()) {
                let other = if character == '7' { "8" } else { "7" };
                let swapped = if character.is_ascii_uppercase() {
                    character.to_ascii_lowercase()
                } else {
                    character.to_ascii_uppercase()
                };
                for other in [other, swapped.encode_utf8(&mut [0; 4])] {
                    let changed = [&text[..place], other, &text[place + 1..]].concat();
                    assert!(changed == text || !is_intact(&changed), "{changed}");
                }
            }
        }
    }

    #[test]
    fn fields_are_read_in_any_order_and_templates_like_whole_texts() {
        assert_eq!(value(INTACT[0], "59"), Some("BEST TRANSPORT"));
        let chinese = value(INTACT[0], "64").unwrap();
        assert_eq!((value(chinese, "01"), value(chinese, "02")), (Some("最佳运输"), Some("北京")));
        assert_eq!(value(INTACT[9], "54"), Some("4.22"), "behind the country");
        assert_eq!(value(INTACT[10], "54"), Some("13371337.75"));
        assert_eq!(value(value(INTACT[5], "80").unwrap(), "00"), Some("br.gov.bcb.pix"));
    }

    #[test]
    fn texts_with_a_wrong_checksum_or_length_are_not() {
        // Two published examples that are wrong themselves; the right checksum of the first is D1A3.
        let wrong = "00020101021226270012hk.com.hkicl0207999999952040000530334454031235802HK5902NA6002HK630484E1";
        assert!(!is_intact(wrong) && is_intact(&wrong.replace("84E1", "D1A3")));
        for text in [
            "0002010102113838000697042201120023457923440208QRIBFTTA530370454061800005802VN62160814ung ho bao lut6304E69F",
            "000201",
            "00020163",
            "0002016304",
            "00020199",
            "0002010",
            "000201+2",
            "000201最佳",
        ] {
            assert!(!is_intact(text), "{text}");
        }
    }

    /// With tag 63 and the right checksum behind it.
    fn sealed(text: &str) -> String {
        let begun = format!("{text}6304");
        format!("{begun}{:04X}", crc16(begun.as_bytes()))
    }

    /// A text that lacks nothing, which each case below changes in one place.
    const WHOLE: &str =
        "00020126330012hk.com.hkicl0313+852-6789123452040000530334454031005802HK5904Shop6002HK62170513INV/TEST/0001";

    #[test]
    fn a_right_checksum_does_not_make_up_for_what_is_wrong_inside() {
        let fault = |text: &str| check(&sealed(text)).unwrap_err();
        assert_eq!(check(&sealed(WHOLE)), Ok(vec![]));
        assert_eq!(fault("000201"), Fault::NoAccount);
        assert_eq!(fault(&WHOLE.replacen("00020126", "26", 1)), Fault::Order);
        for (with, expected) in [
            ("2604XXXX", Fault::Template("26".to_owned())),
            ("2600", Fault::Template("26".to_owned())),
            ("26080104abcd", Fault::Template("26".to_owned())),
            ("26100006970422", Fault::Template("26".to_owned())),
            ("28240008SG.PAYNO010120101200", Fault::Template("28".to_owned())),
            ("28220008SG.PAYNO010100101X", Fault::Twice("28".to_owned())),
            ("5403100", Fault::Twice("54".to_owned())),
            ("5903abc", Fault::Twice("59".to_owned())),
            ("8004XXXX", Fault::Template("80".to_owned())),
            ("64060004ZH", Fault::Template("64".to_owned())),
            ("0102xy", Fault::Form("01".to_owned())),
            ("550204", Fault::Form("55".to_owned())),
            ("550202", Fault::Form("55".to_owned())),
            ("550203", Fault::Form("55".to_owned())),
            ("6111abcdefghijk", Fault::Form("61".to_owned())),
        ] {
            let with_account = if with.starts_with("26") {
                WHOLE.replace("26330012hk.com.hkicl0313+852-67891234", with)
            } else {
                format!("{WHOLE}{with}")
            };
            assert_eq!(fault(&with_account), expected, "{with}");
        }
        for (from, to, tag) in [
            ("000201", "000203", "00"),
            ("52040000", "5203000", "52"),
            ("52040000", "520400x0", "52"),
            ("5303344", "5303ABC", "53"),
            ("5403100", "540512,50", "54"),
            ("5403100", "5406-12.50", "54"),
            ("5403100", "54061.2.30", "54"),
            ("5403100", "5403.50", "54"),
            ("5403100", "541412345678901.23", "54"),
            ("5802HK", "5802hk", "58"),
            ("5802HK", "5803HKG", "58"),
            ("5904Shop", "5926abcdefghijklmnopqrstuvwxyz", "59"),
            ("6002HK", "6016abcdefghijklmnop", "60"),
            ("62170513INV/TEST/0001", "62300526abcdefghijklmnopqrstuvwxyz", "62"),
        ] {
            assert!(WHOLE.contains(from));
            assert_eq!(fault(&WHOLE.replace(from, to)), Fault::Form(tag.to_owned()), "{to}");
        }
        assert!(is_intact(&sealed(&WHOLE.replace("5403100", "540512.50"))));
        assert!(is_intact(&sealed(&format!("{WHOLE}55020256041.50"))), "a fixed tip");
        assert!(is_intact(&sealed(&format!("{WHOLE}55020357045.25"))), "a share");
    }

    #[test]
    fn a_template_that_is_wrong_stays_wrong_with_the_right_checksum() {
        // A published text of VietQR with a bank's number where the scheme names itself, and a length that is two short.
        let text =
            "0002010102113838000697042201120023457923440208QRIBFTTA530370454061800005802VN62160814ung ho bao lut";
        assert_eq!(check(&format!("{text}6304E69F")), Err(Fault::Chain));
        assert_eq!(check(&sealed(text)), Err(Fault::Chain));
        assert_eq!(check(&sealed(&text.replace("62160814", "62180814"))), Err(Fault::Template("38".to_owned())));
    }

    #[test]
    fn a_checksum_in_small_letters_is_wrong() {
        let text = INTACT[0];
        assert!(text.ends_with("A13A"));
        assert_eq!(check(&text.replace("A13A", "a13a")), Err(Fault::Checksum));
    }

    #[test]
    fn what_published_texts_lack_is_told_and_no_fault() {
        assert_eq!(check(INTACT[0]), Ok(vec![]));
        assert_eq!(check(INTACT[6]), Ok(vec!["52", "59", "60"]), "PromptPay");
        let vietqr = INTACT.iter().find(|text| text.contains("A000000727")).unwrap();
        assert_eq!(check(vietqr), Ok(vec!["52", "59", "60"]));
    }
}
