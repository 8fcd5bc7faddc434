#!/usr/bin/env bash
# run.sh BUILD PROGRAM: drives the page of `easel serve` in Debian's chromium. What the tests need from npm is installed
# into BUILD/browser_tests.
set -eu
top=$PWD
build=$1 program=$2
# shellcheck source=tests/server/npm_packages.sh
source "$top/tests/server/npm_packages.sh"
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "chromium is not installed"
    exit 77
}
npm_packages "$top/tests/server/browser" "$build/browser_tests"
cd "$build/browser_tests"
EASEL_TOP=$top EASEL_PROGRAM=$program CHROMIUM=$chromium exec node --test --test-concurrency=1 page_test.mjs
