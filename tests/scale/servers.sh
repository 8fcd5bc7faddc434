#!/usr/bin/env bash
# Two servers behind HAProxy, configured by deploy/haproxy.cfg: a rolling restart loses no request, and neither does a server that
# is killed. $1 is the program; run from the top of the tree.
set -euo pipefail
# shellcheck source=tests/scale/common.sh
source tests/scale/common.sh "$1"
PATH=$PATH:/usr/sbin:/sbin
for needed in haproxy curl; do command -v $needed >/dev/null || skip "$needed is not installed"; done
export EASEL_HOME=$tree XDG_CONFIG_HOME=$folder XDG_CACHE_HOME=$folder EASEL_OFFLINE=1
declare -A servers=() # by port
balancer=
end() {
    local pid
    for pid in $balancer "${servers[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
    rm -rf --one-file-system "$folder"
}
trap end EXIT

port=17860
free_port() {
    port=$((port + 1))
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
}
free_port && front=$port
free_port && first=$port
free_port && second=$port
free_port && metrics=$port

start() { # PORT
    "$program" serve --model "$model" --port "$1" --drain-delay 2 >>"$folder/server-$1.log" 2>&1 &
    servers[$1]=$!
}
is_ready() { # PORT
    curl -sf -o /dev/null "http://127.0.0.1:$1/readyz"
}
has_both() { [[ $(curl -s "http://127.0.0.1:$metrics/;csv" | grep -cE '^drawing,(one|two),.*,UP,') == 2 ]]; }

start "$first"
start "$second"
wait_until 120 is_ready "$first"
wait_until 120 is_ready "$second"
sed "s/:7860/127.0.0.1:$front/; s/:7861/:$first/; s/:7862/:$second/; s/:8405/:$metrics/" deploy/haproxy.cfg >"$folder/haproxy.cfg"
haproxy -f "$folder/haproxy.cfg" >"$folder/haproxy.log" 2>&1 &
balancer=$!
wait_until 30 has_both

# Draws seeded pictures one after the other until the file "enough" is there; writes the status of each answer.
client() { # NUMBER
    local seed=$(($1 * 1000)) status
    while [[ ! -e $folder/enough ]]; do
        seed=$((seed + 1))
        status=$(curl -s -m 300 -o "$folder/answer-$1" -w '%{http_code}' -H 'Content-Type: application/json' \
            -d "{\"prompt\":\"a fox\",\"steps\":8,\"seed\":$seed}" "http://127.0.0.1:$front/sdapi/v1/txt2img") || true
        grep -qE "seed\\\\\": ?$seed," "$folder/answer-$1" || status+=" without seed $seed: $(tail -c 200 "$folder/answer-$1")"
        echo "$status" >>"$folder/statuses-$1"
    done
}
answers() { cat "$folder"/statuses-* 2>/dev/null | wc -l; }
more_answers() { (($(answers) >= $1)); }
clients=()
for number in 1 2 3 4 5 6; do
    client $number &
    clients+=($!)
done

wait_until 120 more_answers 10
for restarted in $first $second; do
    kill -TERM "${servers[$restarted]}"
    wait "${servers[$restarted]}" || fail "a server that was told to end ended with $?"
    start "$restarted"
    wait_until 120 is_ready "$restarted"
    wait_until 60 has_both
    wait_until 120 more_answers $(($(answers) + 10))
done
echo "after a rolling restart: $(answers) answers"
kill -KILL "${servers[$first]}"
wait "${servers[$first]}" || true
wait_until 120 more_answers $(($(answers) + 20))
touch "$folder/enough"
wait "${clients[@]}"
lost=$(cat "$folder"/statuses-* | grep -vx 200 || true)
[[ -z $lost ]] || fail "of $(answers) requests these were lost: $(head -n 5 <<<"$lost")"
echo "and after a server was killed: $(answers), all with their pictures"
