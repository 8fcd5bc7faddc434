# start_server EASEL [FLAG...]: a server that draws with the small model; its address is then in $address. stop_server fails unless it
# still runs and ends by SIGTERM.
# shellcheck shell=bash
start_server() {
    local easel=$1
    shift
    log=$(mktemp)
    "$easel" serve --port 0 -m tests/golden/tiny/diffusers "$@" >"$log" 2>/dev/null &
    server=$!
    trap 'kill -9 $server 2>/dev/null || true; rm -f "$log"' EXIT
    for ((i = 0; i < 600; ++i)); do
        ! grep -q "ready to draw" "$log" || break
        sleep 0.1
    done
    address=$(grep -o -m 1 'http://[0-9.:]*' "$log")
}

stop_server() {
    kill $server
    wait $server
}
