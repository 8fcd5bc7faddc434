# npm_packages FROM TO: copies a folder's scripts and installs the packages that it wants, unless they are there; without
# network the test is skipped.
# shellcheck shell=bash
npm_packages() {
    local from=$1 to=$2
    skip() {
        echo "$*"
        exit 77
    }
    command -v node >/dev/null && command -v npm >/dev/null || skip "nodejs and npm are not installed"
    mkdir -p "$to"
    cp "$from"/{*.mjs,package.json,package-lock.json} "$to"
    ! cmp -s "$to/package-lock.json" "$to/installed-lock.json" || return 0
    [[ ${EASEL_OFFLINE:-0} == 0 ]] || skip "EASEL_OFFLINE is set, and what $from/package.json names is not installed in $to"
    (cd "$to" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) ||
        skip "npm cannot install what $from/package.json names: $(tail -n 1 "$to/npm.log")"
    cp "$to/package-lock.json" "$to/installed-lock.json"
}
