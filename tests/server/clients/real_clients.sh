#!/usr/bin/env bash
# real_clients.sh EASEL BUILD: clients from PyPI against the server.
set -eu
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tests/server/clients/python_tools.sh
source "$here/python_tools.sh"
# shellcheck source=tests/server/clients/server.sh
source "$here/server.sh"
python_tools "$2/python_clients" webuiapi==0.9.17 openai==3.57.0 pillow
start_server "$1" --control-dir tests/golden/adapters/controlnet
"$2/python_clients/bin/python" "$here/real_clients.py" "$address"
stop_server
