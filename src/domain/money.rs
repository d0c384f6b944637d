//! Money: whole minor units of one currency, checked at every step and never a float.

use std::fmt;
use std::str::FromStr;

use super::wallet::UnknownWord;

/// An amount to pay, in the currency's minor unit (fen for CNY): 1 … 99,999,999,999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Amount(i64);

impl Amount {
    /// The largest amount an order may have.
    pub const MAX: i64 = 99_999_999_999;

    /// The amount, or `None` outside 1 … [`Amount::MAX`].
    #[must_use]
    pub const fn new(minor_units: i64) -> Option<Self> {
        if minor_units >= 1 && minor_units <= Self::MAX { Some(Self(minor_units)) } else { None }
    }

    /// Whole minor units.
    #[must_use]
    pub const fn minor_units(self) -> i64 {
        self.0
    }
}

/// A currency that today's wallets take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Currency {
    /// Renminbi; minor unit fen, 100 to the yuan.
    Cny,
}

impl Currency {
    /// The ISO 4217 code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Cny => "¥",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "CNY" => Ok(Self::Cny),
            _ => Err(UnknownWord),
        }
    }
}

/// An amount together with its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// How much, in minor units.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// As people read it: `¥1,290.00`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minor_units = self.amount.minor_units();
        let whole = (minor_units / 100).to_string();
        formatter.write_str(self.currency.sign())?;
        for (position, digit) in whole.chars().enumerate() {
            if position > 0 && (whole.len() - position).is_multiple_of(3) {
                formatter.write_str(",")?;
            }
            write!(formatter, "{digit}")?;
        }
        write!(formatter, ".{:02}", minor_units % 100)
    }
}

/// The decimal text in major units that wallets use on the wire: `129.00`.
#[must_use]
pub fn to_decimal(minor_units: i64) -> String {
    format!("{}.{:02}", minor_units / 100, minor_units % 100)
}

/// Reads a decimal text in major units with at most two decimals (`129`, `129.5`, `129.00`) into minor units.
/// Signs, spaces, exponents, thousands marks and anything above [`Amount::MAX`] are refused with `None`.
#[must_use]
pub fn from_decimal(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits_only = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only(whole) || !digits_only(decimals) || whole.len() > 10 || decimals.len() > 2 {
        return None;
    }
    let major: i64 = whole.parse().ok()?;
    let fraction: i64 = decimals.parse().ok()?;
    let minor = major.checked_mul(100)?.checked_add(if decimals.len() == 1 { fraction * 10 } else { fraction })?;
    (minor <= Amount::MAX).then_some(minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(minor_units in 0_i64..=Amount::MAX) {
            prop_assert_eq!(from_decimal(&to_decimal(minor_units)), Some(minor_units));
        }

        #[test]
        fn an_amount_exists_exactly_inside_its_range(minor_units in any::<i64>()) {
            prop_assert_eq!(Amount::new(minor_units).is_some(), (1..=Amount::MAX).contains(&minor_units));
        }

        #[test]
        fn no_text_makes_the_decimal_reader_panic(text in "\\PC{0,24}") {
            if let Some(minor_units) = from_decimal(&text) {
                prop_assert!((0..=Amount::MAX).contains(&minor_units));
            }
        }
    }

    #[test]
    fn odd_decimals_are_refused() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "1.234",
            "-1",
            "+1",
            "1e2",
            "1,0",
            " 1",
            "1 ",
            "１",
            "0x1",
            "99999999999",
            "1.0.0",
            "1.+5",
            "1.-5",
        ] {
            assert_eq!(from_decimal(text), None, "{text:?}");
        }
        assert_eq!(from_decimal("1.5"), Some(150));
        assert_eq!((from_decimal("0000000001"), from_decimal("00000000001")), (Some(100), None), "ten digits at most");
        assert_eq!(from_decimal("999999999.99"), Some(Amount::MAX));
    }

    #[test]
    fn a_currency_is_read_back_from_its_code_and_no_other_text_is_one() {
        assert_eq!(Currency::Cny.to_string(), "CNY");
        assert_eq!("CNY".parse(), Ok(Currency::Cny));
        for text in ["", "cny", "USD"] {
            assert_eq!(text.parse::<Currency>(), Err(UnknownWord), "{text:?}");
        }
    }

    #[test]
    fn money_is_shown_with_its_sign_and_thousands() {
        let shown =
            |minor_units| Amount::new(minor_units).map(|amount| Money { amount, currency: Currency::Cny }.to_string());
        assert_eq!(shown(1).as_deref(), Some("¥0.01"));
        assert_eq!(shown(12_900).as_deref(), Some("¥129.00"));
        assert_eq!(shown(123_456_789).as_deref(), Some("¥1,234,567.89"));
    }
}
