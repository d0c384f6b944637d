#!/usr/bin/env bash
# How fast the release program acknowledges a wallet's notices: 100 a second, genuine and distinct, at planned moments, for 30 s, with the
# database on this disk; then the same beside 5,000 junk notices a second. Beside it, in the same run, the floor: a page brought to the
# disk, and an empty request. Takes about six minutes for each wallet.
#   NOTICES_A_SECOND, NOTICE_SECONDS, JUNK_A_SECOND   other figures
#   WALLETS="wechat_pay alipay unionpay"              some of them
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --release --quiet --test outside notice_speed -- --ignored --nocapture
