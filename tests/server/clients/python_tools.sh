# python_tools FOLDER PACKAGE...: makes a virtual environment with the packages, unless it is there; without network the test
# is skipped.
# shellcheck shell=bash
python_tools() {
    local folder=$1
    shift
    [[ ! -e $folder/complete ]] || return 0
    command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
    rm -rf "$folder"
    if ! python3 -m venv "$folder" || ! "$folder/bin/pip" install --quiet "$@"; then
        echo "$* cannot be installed"
        exit 77
    fi
    touch "$folder/complete"
}
