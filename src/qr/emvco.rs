//! Merchant-presented payment texts of EMVCo (PIX, PayNow, PromptPay, QRIS, …): a chain of tag, length and value, with a checksum last.

/// Whether the text begins as such a text does: tag 00, two characters, `01` (`02` in Malaysia).
#[must_use]
pub fn begins_like_one(text: &str) -> bool {
    text.starts_with("000201") || text.starts_with("000202")
}

/// Whether the text is whole: its fields follow each other exactly to the end, the last is tag 63, and its checksum fits.
#[must_use]
pub fn is_intact(text: &str) -> bool {
    last_tag(text) == Some("63") && checksum_fits(text)
}

/// The tag of the last field when every length leads exactly to the next field and the last one to the end.
/// Lengths count characters, not bytes.
fn last_tag(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let (tag, after_tag) = rest.split_at_checked(2)?;
        let (length, after_length) = after_tag.split_at_checked(2)?;
        if !(tag.bytes().chain(length.bytes())).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut after_value = after_length.chars();
        for _ in 0..length.parse::<usize>().ok()? {
            after_value.next()?;
        }
        rest = after_value.as_str();
        if rest.is_empty() {
            return Some(tag);
        }
    }
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

    #[test]
    fn published_texts_of_six_countries_are_intact() {
        for text in [
            // EMVCo's own sample, with Chinese characters.
            "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A",
            // PIX of Brazil, from the central bank's manual.
            "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D",
            // PromptPay of Thailand, from promptpay-qr's tests.
            "00020101021129370016A000000677010111011300668012345675802TH530376463046197",
            // PayNow of Singapore, from Odoo's tests.
            "00020101021226400009SG.PAYNOW010120213200002150HWCF0301052040000530370254031005802SG5914company_1_data6009Singapore62170113INV/TEST/0001630416C8",
            // VietQR, from vietnam-qr-pay's manual.
            "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F",
            // DuitNow of Malaysia, whose format indicator is 02.
            "00020201021126410014A000000615000101065016640209123456789520499995303458540510.005802MY5909QRCSDNBHD6005BANGI6304343F",
        ] {
            assert!(begins_like_one(text) && is_intact(text), "{text}");
        }
    }

    #[test]
    fn texts_with_a_wrong_checksum_or_length_are_not() {
        for text in [
            // Two published examples that are wrong themselves.
            "00020101021226270012hk.com.hkicl0207999999952040000530334454031235802HK5902NA6002HK630484E1",
            "0002010102113838000697042201120023457923440208QRIBFTTA530370454061800005802VN62160814ung ho bao lut6304E69F",
            "000201",
            "00020163",
            "0002016304",
            "00020199",
            "000201最佳",
        ] {
            assert!(!is_intact(text), "{text}");
        }
    }
}
