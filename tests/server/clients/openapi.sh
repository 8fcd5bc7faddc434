#!/usr/bin/env bash
# openapi.sh EASEL BUILD: schemathesis sends each endpoint of /openapi.json what the document allows and what it does not.
# Nothing may make the server fail, and what it answers is what the document says.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/server/clients/python_tools.sh
source "$here/python_tools.sh"
# shellcheck source=tests/server/clients/server.sh
source "$here/server.sh"
python_tools "$2/schemathesis" schemathesis==4.32.5
start_server "$1"
cd "$2/schemathesis"  # it keeps notes in the current folder
SCHEMATHESIS_HOOKS=$here/small_pictures.py bin/schemathesis run "$address/openapi.json" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --exclude-path-regex '/events$|interrogate$|extra-' --phases examples,fuzzing --max-examples 10 --seed 1 \
    --request-timeout 60 --no-color
stop_server
