#!/usr/bin/env bash
# Programs in other languages that draw the same: how many instructions libqrencode with libpng takes for a picture (its own start is
# counted apart and taken off), how long it takes beside ours in the same run, and how long Pillow with segno takes for the album card.
# Needs qrencode, valgrind, a C compiler and libpng-dev (Debian packages) and, for the card, Python with Pillow and segno.
set -euo pipefail
cd "$(dirname "$0")/.."
address='https://pay.teashop.example.com/s/AAECAwQFBgcICQoLDA0ODw?a=123'
collected() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | awk '/Collected/ { print $4 }'; }
start=$(collected qrencode -t ASCII -m 0 -l L -o /dev/null 1)
for module_px in 8 26; do
  drawn=$(collected qrencode -t PNG -s "$module_px" -m 4 -l M -o /dev/null "$address")
  file=$(mktemp)
  qrencode -t PNG -s "$module_px" -m 4 -l M -o "$file" "$address"
  echo "libqrencode + libpng, $((41 * module_px)) px: $((drawn - start)) instructions, $(stat -c %s "$file") bytes"
  rm "$file"
done
program=$(mktemp)
cc -O2 -o "$program" benches/peers/libqrencode.c -l:libqrencode.so.4 -lpng
for round in 1 2 3; do
  "$program"
  cargo bench --quiet --bench pictures -- ours::text 2>/dev/null | grep -E 'text|[0-9]+ .*s'
done
rm "$program"
python3 benches/peers/card.py
