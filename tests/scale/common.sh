# For the tests of this folder: a job of the small model in a folder of its own, and what became of it.
# shellcheck shell=bash

program=$1
tree=$(pwd)
model=$tree/tests/golden/tiny/diffusers
folder=$(mktemp -d)

skip() {
    echo "skipped: $*"
    exit 77
}

fail() {
    echo "FAILED: $*"
    exit 1
}

# Writes job.toml in the current folder: pictures f-1.png, f-2.png, ... of 64 x 64 pixels.
write_job() { # PICTURES STEPS
    cat >job.toml <<TOML
model = "$model"
prompt = "a fox"
output = "f.png"
height = 64
width = 64
steps = $2
seed = [$(seq -s, "$1")]
TOML
}

published() { find . -maxdepth 1 -name 'f-*.png' | wc -l; }

wait_until() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    until "${@:2}"; do
        ((SECONDS < end)) || fail "not within $1 seconds: ${*:2}"
        sleep 0.2
    done
}

# Of the events that runs with --json wrote to files: pictures written, drawings begun, sheets written.
events() { cat "$@" | grep -c "$event" || true; }
drawn() { event='^{"event":"picture"' events "$@"; }
begun() { event='"stage":"denoise","step":0' events "$@"; }
sheets() { event='^{"event":"sheet"' events "$@"; }

# Expects all pictures and the sheet, each written once, at most $2 drawn again, and no claims left.
expect_each_once() { # PICTURES MOST_AGAIN LOGS...
    local twice names
    [[ $(published) == "$1" ]] || fail "$(published) of $1 pictures are there"
    twice=$(cat "${@:3}" | grep -o '^{"event":"picture","path":"[^"]*"' | sort | uniq -d)
    [[ -z $twice ]] || fail "written twice: $twice"
    (($(begun "${@:3}") <= $1 + $2)) || fail "$(begun "${@:3}") drawings were begun for $1 pictures, and at most $2 died"
    [[ $(sheets "${@:3}") == 1 ]] || fail "the sheet was written $(sheets "${@:3}") times"
    [[ -s job-sheet.png ]] || fail "there is no sheet"
    names=$(find . -maxdepth 1 -name '.easel-*')
    [[ -z $names ]] || fail "claims are left: $names"
    "$program" run job.toml --json >again
    [[ $(drawn again) == 0 ]] || fail "a further run drew $(drawn again) pictures"
    echo "$1 pictures, $(drawn "${@:3}") reports of one, $(begun "${@:3}") drawings begun, sheet made once"
}
