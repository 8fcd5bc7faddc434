# run.sh BUILD PROGRAM: drives the page of `easel serve` in Debian's chromium. What the tests need from npm is installed
# into BUILD/browser_tests.
set -eu
top=$PWD
build=$1 program=$2
skip() {
    echo "$*"
    exit 77
}

command -v node >/dev/null && command -v npm >/dev/null || skip "nodejs and npm are not installed"
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "chromium is not installed"

place=$build/browser_tests
mkdir -p "$place"
cp "$top"/tests/server/browser/{*.mjs,package.json,package-lock.json} "$place"
cd "$place"
if ! cmp -s package-lock.json installed-lock.json; then
    [[ ${EASEL_OFFLINE:-0} == 0 ]] || skip "EASEL_OFFLINE is set, and playwright-core and axe-core are not installed in $place"
    npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 || skip "npm cannot install playwright-core and axe-core: $(tail -n 1 npm.log)"
    cp package-lock.json installed-lock.json
fi
EASEL_TOP=$top EASEL_PROGRAM=$program CHROMIUM=$chromium exec node --test --test-concurrency=1 page_test.mjs
