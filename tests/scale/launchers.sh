#!/usr/bin/env bash
# `easel run --together` under mpirun and GNU parallel. $1 is the program; run from the top of the tree.
set -euo pipefail
# shellcheck source=tests/scale/common.sh
source tests/scale/common.sh "$1"
trap 'rm -rf --one-file-system "$folder"' EXIT
export EASEL_HOME=$tree
tried=0

if command -v mpirun >/dev/null; then
    tried=$((tried + 1))
    mkdir "$folder/mpi" && cd "$folder/mpi"
    write_job 40 10
    # Root, and more ranks than processors, are what test machines have.
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    mpirun --oversubscribe -n 4 "$program" run job.toml --together --json >out 2>err || fail "mpirun: $(tail -n 5 err)"
    echo "mpirun -n 4:"
    expect_each_once 40 0 out
    rm -f f-*.png
    mpirun --oversubscribe -n 4 "$program" run job.toml --share auto --json >out 2>err || fail "mpirun: $(tail -n 5 err)"
    [[ $(drawn out) == 40 && $(published) == 40 ]] || fail "$(drawn out) drawn, $(published) there"
fi

if parallel --version 2>/dev/null | grep -q GNU; then
    tried=$((tried + 1))
    mkdir "$folder/parallel" && cd "$folder/parallel"
    write_job 40 10
    seq 4 | parallel --will-cite -N0 -j4 "$program" run job.toml --together --json >out 2>err || fail "parallel: $(tail -n 5 err)"
    echo "GNU parallel:"
    expect_each_once 40 0 out
    rm -f f-*.png
    seq 3 | parallel --will-cite -j2 "$program" run job.toml --share {}/3 --json >out 2>err || fail "parallel: $(tail -n 5 err)"
    [[ $(drawn out) == 40 && $(published) == 40 ]] || fail "$(drawn out) drawn, $(published) there"
fi

((tried > 0)) || skip "neither mpirun nor GNU parallel is installed"
