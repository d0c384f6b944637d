//! How values of the domain are written in the sandbox's JSON, in trades and notices alike: `#[serde(with = "kept")]`.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::attempt::TradeNo;
use crate::domain::merchant::MerchantId;
use crate::domain::money::{Amount, Currency};
use crate::domain::time::Timestamp;
use crate::domain::wallet::{Product, Wallet};

/// A value with one plain form.
pub(super) trait Kept: Sized {
    /// What stands in the JSON.
    type Form: Serialize + DeserializeOwned;

    /// The form of this value.
    fn form(&self) -> Self::Form;

    /// The value of this form; `None` when there is none.
    fn restore(form: Self::Form) -> Option<Self>;
}

/// Writes the form.
pub(super) fn serialize<T: Kept, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.form().serialize(serializer)
}

/// Reads the form, and refuses one that stands for nothing.
pub(super) fn deserialize<'de, T: Kept, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::restore(T::Form::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("out of range"))
}

impl Kept for Wallet {
    type Form = String;

    fn form(&self) -> String {
        self.as_str().to_owned()
    }

    fn restore(form: String) -> Option<Self> {
        form.parse().ok()
    }
}

impl Kept for Product {
    type Form = String;

    fn form(&self) -> String {
        self.as_str().to_owned()
    }

    fn restore(form: String) -> Option<Self> {
        form.parse().ok()
    }
}

impl Kept for Currency {
    type Form = String;

    fn form(&self) -> String {
        self.as_str().to_owned()
    }

    fn restore(form: String) -> Option<Self> {
        form.parse().ok()
    }
}

impl Kept for MerchantId {
    type Form = String;

    fn form(&self) -> String {
        self.as_str().to_owned()
    }

    fn restore(form: String) -> Option<Self> {
        Self::new(&form)
    }
}

impl Kept for TradeNo {
    type Form = String;

    fn form(&self) -> String {
        self.as_str().to_owned()
    }

    fn restore(form: String) -> Option<Self> {
        Self::new(&form)
    }
}

impl Kept for Amount {
    type Form = i64;

    fn form(&self) -> i64 {
        self.minor_units()
    }

    fn restore(form: i64) -> Option<Self> {
        Self::new(form)
    }
}

impl Kept for Timestamp {
    type Form = i64;

    fn form(&self) -> i64 {
        self.millis()
    }

    fn restore(form: i64) -> Option<Self> {
        Some(Self::from_millis(form))
    }
}
