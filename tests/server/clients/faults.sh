#!/usr/bin/env bash
# faults.sh EASEL BUILD: what is in --save-dir after the server was killed while it saved, and when the disk is full.
set -eu
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tests/server/clients/server.sh
source "$here/server.sh"
command -v curl >/dev/null || { echo "curl is not installed"; exit 77; }

# The full disk is a file system of the test's own, for which it must be root, or be let play root.
if [[ ${EASEL_FULL_DISK:-} == "" ]]; then
    work=$(mktemp -d)
    export EASEL_FULL_DISK=$work
    trap 'rm -rf "$work"' EXIT
    for as in "--mount" "--mount --map-root-user"; do
        # shellcheck disable=SC2086  # flags
        ! unshare $as true 2>/dev/null || { unshare $as bash "$0" "$@"; exit; }
    done
    echo "no file system can be mounted here"
    exit 77
fi

fail() {
    echo "$*" >&2
    exit 1
}
post() {  # post COUNT SAVES: prints the body and the status
    curl -s -m 120 -w ' %{http_code}' -H 'Content-Type: application/json' "$address/sdapi/v1/txt2img" \
        -d "{\"prompt\": \"a red house\", \"steps\": 1, \"width\": 64, \"height\": 64, \"n_iter\": $1, \"save_images\": $2, \"send_images\": false}"
}

killed=$EASEL_FULL_DISK/killed
mkdir "$killed"
for round in 1 2 3 4 5 6; do
    start_server "$1" --save-dir "$killed"
    post 64 true >/dev/null 2>&1 &
    client=$!
    before=$(find "$killed" -name '*.png' | wc -l)
    for ((i = 0; i < 200; ++i)); do
        (($(find "$killed" -name '*.png' | wc -l) == before)) || break
        sleep 0.05
    done
    sleep "0.0$((round * 7))"
    kill -9 "$server"
    wait "$server" 2>/dev/null || true
    wait "$client" || true
    (($(find "$killed" -name '*.png' | wc -l) > before)) || fail "nothing was saved before the server was killed"
done
for picture in "$killed"/[!.]*; do
    [[ $picture == *.png ]] || fail "$picture has the name of no picture"
    "$1" inspect "$picture" >/dev/null || fail "$picture is not whole"
    [[ $(tail -c 8 "$picture" | head -c 4) == IEND ]] || fail "$picture ends early"
done
echo "$(find "$killed" -name '[!.]*.png' | wc -l) pictures, each whole"

full=$EASEL_FULL_DISK/full
mkdir "$full"
mount -t tmpfs -o size=96k none "$full"
start_server "$1" --save-dir "$full"
answer=$(post 64 true)
[[ $answer == *"the disk is full"*" 507" ]] || fail "a full disk is answered by: $answer"
[[ $answer != *"$full"* ]] || fail "the answer tells a folder: $answer"
for picture in "$full"/*; do
    "$1" inspect "$picture" >/dev/null || fail "$picture is not whole"
done
[[ -z $(find "$full" -name '.*' -type f) ]] || fail "a file that could not be finished is left"
[[ $(post 1 false) == *" 200" ]] || fail "the server does not go on"
rm "$full"/*
[[ $(post 1 true) == *" 200" ]] || fail "the server does not save again"
stop_server
