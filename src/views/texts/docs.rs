//! Words of the description of the API.

use super::texts;

texts! {
    /// Words of the description of the API.
    DocsTexts {
        calls: "接口", "Calls";
        errors: "错误", "Errors";
    }
}
