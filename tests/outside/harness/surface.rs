//! One browser that turns into many: another app, screen, language, theme, with scripts or without, from page to page.

use base64::Engine as _;
use serde_json::{Value, json};

use super::chromium::{Chromium, Look};
use super::picture::{read_codes, read_picture};
use super::wait::{SOON, wait_until};

impl Chromium {
    /// Starts a browser that is nothing in particular yet; [`Chromium::become_one`] says what it is.
    pub async fn chameleon() -> Self {
        Self::start(&Look { user_agent: "", ..Look::default() }).await
    }

    /// From the next page on it is this browser.
    pub async fn become_one(&self, look: &Look) {
        let mobile = look.width < 600;
        self.order(
            "Emulation.setUserAgentOverride",
            json!({ "userAgent": look.user_agent, "acceptLanguage": look.language }),
        )
        .await;
        let metrics =
            json!({ "width": look.width, "height": look.height, "deviceScaleFactor": look.density, "mobile": mobile });
        self.order("Emulation.setDeviceMetricsOverride", metrics).await;
        self.order("Emulation.setTouchEmulationEnabled", json!({ "enabled": mobile })).await;
        self.theme(look.dark).await;
        self.order("Emulation.setScriptExecutionDisabled", json!({ "value": !look.script })).await;
    }

    /// Makes the page dark or light as it stands; nothing moves.
    pub async fn theme(&self, dark: bool) {
        let theme = if dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.order("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Gives it a cookie of a site.
    pub async fn set_cookie(&self, site: &str, name: &str, value: &str) {
        self.order("Network.setCookie", json!({ "url": site, "name": name, "value": value, "httpOnly": true })).await;
    }

    /// A small picture of the first screen, a fraction of its size, as WebP.
    pub async fn thumbnail(&self, look: &Look, scale: f64) -> Vec<u8> {
        let clip = json!({ "x": 0, "y": 0, "width": look.width, "height": look.height, "scale": scale });
        let taken =
            self.order("Page.captureScreenshot", json!({ "format": "webp", "quality": 60, "clip": clip })).await;
        base64::engine::general_purpose::STANDARD.decode(taken["data"].as_str().expect("base64")).expect("base64")
    }

    /// Waits until a screenshot can be scanned and gives this text: a person looks until the page stands still.
    pub async fn shows_code(&self, text: &str) {
        wait_until(SOON, &format!("{text} on a screenshot"), async || {
            (read_codes(&read_picture(&self.screenshot().await)) == [text]).then_some(())
        })
        .await;
    }

    /// What a screen reader or a keyboard would call the element that has the focus.
    pub async fn focused(&self) -> Value {
        self.run("const e = document.activeElement; return e === document.body ? null : e.outerHTML.slice(0, 300);")
            .await
    }

    /// Moves the focus with the Tab key alone until it stands on such an element.
    pub async fn tab_to(&self, selector: &str) {
        let here = format!(
            "return document.activeElement !== document.body && document.activeElement.matches({});",
            json!(selector)
        );
        for _ in 0..80 {
            self.press("\u{e004}").await;
            if self.run(&here).await == true {
                return;
            }
        }
        panic!("80 times Tab do not lead to {selector}; now at {}", self.focused().await);
    }
}
