#!/usr/bin/env bash
# Counts the instructions that a picture takes, free of the noise of a busy machine: each kind is drawn 11 and 111 times under callgrind,
# and a hundredth of the difference is the cost of one. Needs valgrind (Debian: valgrind).
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "Please install valgrind (Debian: apt-get install valgrind)" >&2; exit 1; }
program=$(cargo bench --bench instructions --no-run 2>&1 | sed -n 's/.*(\(.*\))$/\1/p' | tail -1)
[ -x "$program" ] || { echo "The program to count cannot be built" >&2; exit 1; }
collected() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 | awk '/Collected/ { print $4 }'; }
for what in "${@:-masked symbol 330k 720k 1080k 330 720 1080 svg}"; do
  for kind in $what; do
    few=$(collected "$kind" 11)
    many=$(collected "$kind" 111)
    bytes=$("$program" "$kind" 1 | sed 's/.*Some(\([0-9]*\)).*/\1/')
    echo "$kind: $(((many - few) / 100)) instructions, $bytes bytes (a symbol's: modules a side)"
  done
done
