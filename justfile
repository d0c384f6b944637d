# What a person should not have to remember. `just --list` shows it.

# Serve the demo shop with simulated wallets
serve:
    cargo run

# Every check
test:
    tests/run

# Pictures of every page in every state, in both languages and themes, into docs/gallery
screenshots:
    tests/screenshots
