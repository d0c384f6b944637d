# What a person should not have to remember. `just --list` shows it.

# Serve the demo shop with simulated wallets
serve:
    cargo run

# Every check
test:
    tests/run

# Screenshots of every page into docs/screenshots
screenshots:
    tests/screenshots
