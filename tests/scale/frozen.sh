#!/usr/bin/env bash
# A process that is frozen for longer than a lease loses its picture to another, and finds on waking up that its own is too late.
# Takes two minutes. $1 is the program; run from the top of the tree.
set -euo pipefail
# shellcheck source=tests/scale/common.sh
source tests/scale/common.sh "$1"
frozen=
trap 'kill -KILL $frozen 2>/dev/null || true; rm -rf --one-file-system "$folder"' EXIT
export EASEL_HOME=$tree
cd "$folder"
write_job 1 200

"$program" run job.toml --together --json >frozen.out 2>frozen.err &
frozen=$!
wait_until 120 grep -q '"stage":"denoise","step":3,' frozen.out
kill -STOP $frozen
"$program" run job.toml --together --json >other.out 2>other.err || fail "the other: $(cat other.err)"
grep -q 'is being drawn by another process' other.out || fail "the other did not wait"
[[ $(drawn other.out) == 1 && -e f.png ]] || fail "the other did not draw"
published=$(sha256sum f.png)
kill -CONT $frozen
wait $frozen || fail "the frozen one: $(cat frozen.err)"
[[ $(drawn frozen.out) == 0 ]] || fail "the frozen one says that it drew"
[[ $(sha256sum f.png) == "$published" ]] || fail "the frozen one replaced the picture"
grep -q 'another process was faster' frozen.out || fail "the frozen one does not say what became of its picture"
[[ -z $(find . -name '.f.png.*') ]] || fail "a temporary file is left"
echo "after $SECONDS seconds: one picture, of the process that was awake"
