#!/usr/bin/env bash
# Measures the release build over HTTP on this machine: start, idle memory, durable orders a second with 1 and 64 clients, pictures
# beside a static answer. Everything in one run, so that the ratios mean something on a busy machine. Needs wrk (Debian: wrk).
set -euo pipefail
cd "$(dirname "$0")/.."
command -v wrk >/dev/null || { echo "Please install wrk (Debian: apt-get install wrk)" >&2; exit 1; }
cargo build --release --quiet
seconds=${SECONDS_EACH:-8}
home=$(mktemp -d)
export PAY_HANDOFF_API_KEY=benchmark-key-0123456789
port=$((20000 + RANDOM % 10000))
base=http://127.0.0.1:$port
# Asked by the shell itself: starting other programs to ask would be most of the time.
answered() { { exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3 && read -r -u 3 _; } 2>/dev/null; }
started=${EPOCHREALTIME/./}
target/release/pay-handoff --listen "127.0.0.1:$port" --data-dir "$home" >"$home/out" 2>"$home/log" &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$home"' EXIT
until answered; do kill -0 "$server"; done
echo "start to first answer: $(((${EPOCHREALTIME/./} - started) / 1000)) ms"
exec 3>&-
sleep 2
echo "idle memory: $(awk '/VmRSS/ { print $2 }' "/proc/$server/status") kB"
echo "binary: $(stat -c %s target/release/pay-handoff) bytes"

cat >"$home/orders.lua" <<'LUA'
local counter, thread = 0, 0
function setup(t) thread = thread + 1; t:set("id", thread) end
function init() math.randomseed(os.time() * 100 + id); run = math.random(1000000000) end
function request()
  counter = counter + 1
  local body = string.format('{"merchant_order_no":"B%d-%d-%d","amount":12900,"subject":"teapot"}', run, id, counter)
  return wrk.format("POST", "/v1/orders", { ["Authorization"] = "Bearer benchmark-key-0123456789" }, body)
end
LUA
rate() { wrk -t"$1" -c"$2" -d"${seconds}s" ${4:+-s "$4"} "$base$3" | awk '/Requests\/sec/ { print $2 } /Non-2xx/ { print "ERRORS " $0 > "/dev/stderr" }'; }
picture=$(curl -s "$base/v1/orders" -H "Authorization: Bearer $PAY_HANDOFF_API_KEY" \
  -d '{"merchant_order_no":"P1","amount":1,"subject":"x"}' | sed 's/.*"png_url":"[^"]*\(\/s\/[^"]*\)".*/\1/')
static=$(curl -s "$base/demo" | grep -o '/assets/favicon-[^"]*' | head -1)
echo "orders/s, 1 client: $(rate 1 1 /v1/orders "$home/orders.lua")"
echo "orders/s, 64 clients: $(rate 2 64 /v1/orders "$home/orders.lua")"
for round in 1 2 3; do
  one=$(rate 2 32 "$static")
  two=$(rate 2 32 "$picture?size=330")
  echo "round $round: static $one/s, qr.png $two/s, ratio $(awk "BEGIN { printf \"%.3f\", $two / $one }")"
done
