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

/// Whether the text is whole: its fields follow each other exactly to the end, the last is tag 63, and its checksum fits.
#[must_use]
pub fn is_intact(text: &str) -> bool {
    let last = fields(text).and_then(|fields| fields.last().copied());
    last.is_some_and(|last| last.tag == "63") && checksum_fits(text)
}

/// The last four characters are the CRC of everything before them, the `6304` included, in hexadecimal.
fn checksum_fits(text: &str) -> bool {
    text.len()
        .checked_sub(4)
        .and_then(|end| text.split_at_checked(end))
        .filter(|(before, _)| before.ends_with("6304"))
        .is_some_and(|(before, stated)| stated.eq_ignore_ascii_case(&format!("{:04X}", crc16(before.as_bytes()))))
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
                let changed = [&text[..place], other, &text[place + 1..]].concat();
                assert!(!is_intact(&changed), "{changed}");
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
}
