#!/usr/bin/env bash
# npm_clients.sh EASEL BUILD: clients from npm against the server. They are installed into BUILD/npm_clients.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/server/clients/server.sh
source "$here/server.sh"
# shellcheck source=tests/server/npm_packages.sh
source "$here/../npm_packages.sh"
npm_packages "$here/npm" "$2/npm_clients"
start_server "$1"
(cd "$2/npm_clients" && SERVER=$address node --test clients_test.mjs)
stop_server
