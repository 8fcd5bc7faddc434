# Set-up that ./easel and ./test share: configuring and building. Sourced by them, with `repo` set to the
# project's folder. Messages go to standard error, one line a stage; the whole output is in build/setup.log.
# shellcheck shell=bash disable=SC2154,SC2034  # variables that cross from one file to another

build_dir=$repo/build/release
program=$build_dir/easel
stamp=$build_dir/built

say() { printf 'easel: %s\n' "$*" >&2; }

give_up() {
    say "$*"
    exit 1
}

# stage TEXT COMMAND...: says TEXT and runs the command with its output in the log. On failure shows the one sentence
# that the command left in the log, or the log's last lines, and ends.
stage() {
    local text=$1 log=$repo/build/setup.log began=$SECONDS
    shift
    mkdir -p "${log%/*}"
    say "$text"
    "$@" >"$log.stage" 2>&1 </dev/null
    local status=$?
    { printf '\n== %s (%d s)\n' "$text" $((SECONDS - began)) && cat "$log.stage"; } >>"$log"
    if ((status != 0)); then
        sed -n 's/^ *easel: //p' "$log.stage" | head -n 1 >"$log.sentence"
        if [[ -s $log.sentence ]]; then
            say "$(<"$log.sentence")"
        else
            tail -n 25 "$log.stage" >&2
            say "that failed; the lines above are the end of build/setup.log."
        fi
    fi
    rm -f "$log.stage" "$log.sentence"
    ((status == 0)) || exit 1
}

# The program is there, was built in this folder, and nothing that it is made of is newer. This is all that a call of
# ./easel costs once it is built.
is_current() {
    local built_in
    [[ -x $program && -r $stamp ]] && IFS= read -r built_in <"$stamp" && [[ $built_in == "$repo" ]] &&
        [[ -z $(find "$repo/src" "$repo/include" "$repo/cmake" "$repo/CMakeLists.txt" "$repo/CMakePresets.json" \
                    -newer "$stamp" -print -quit) ]]
}

# Waits until no other set-up runs in this folder; the lock ends with the calling (sub)shell.
lock() {
    if ! mkdir -p "$build_dir" 2>/dev/null || [[ ! -w $repo/build || ! -w $build_dir ]]; then
        give_up "this has to be built in $build_dir, where $(id -un) may not write;" \
            "do it as $(stat -c %U "$repo"), or in a copy of the folder that is yours."
    fi
    command -v flock >/dev/null || return 0
    exec 9>"$repo/build/setup.lock"
    flock --nonblock 9 && return 0
    say "waiting for another set-up in this folder"
    flock 9
}

# Whether a build folder was configured for this project in this place; a copied or moved one was not.
is_of_this_place() { grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$repo" "$1/CMakeCache.txt" 2>/dev/null; }

# Whether a build folder was configured with the compiler that the arguments of a configure ask for, if they do. Given
# another one, CMake begins anew on its own, and forgets the other arguments.
is_of_this_compiler() {
    local folder=$1 argument
    shift
    for argument in "$@"; do
        [[ $argument != -DCMAKE_CXX_COMPILER=* ]] ||
            grep -q "^CMAKE_CXX_COMPILER:.*[=/]${argument#*=}\$" "$folder/CMakeCache.txt" 2>/dev/null || return 1
    done
}

# configure PRESET ARGS...: a preset of CMakePresets.json, anew where the folder was built in another place or by another
# compiler.
configure() {
    local preset=$1
    shift
    if ! is_of_this_place "$repo/build/$preset" || ! is_of_this_compiler "$repo/build/$preset" "$@"; then
        rm -rf "${repo:?}/build/$preset"
    fi
    if command -v ccache >/dev/null; then
        # As ccache's manual asks for with precompiled headers.
        export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    fi
    stage "configuring build/$preset, fetching OpenVINO where it is missing" cmake -S "$repo" --preset "$preset" "$@"
}

# build_release TARGET...: builds in build/release and marks the program as current.
build_release() {
    # The stamp has the time at which the build began: what is edited meanwhile is newer.
    printf '%s\n' "$repo" >"$stamp.new"
    local note=""
    [[ -x $program ]] || note="; this takes minutes the first time"
    stage "building$note" cmake --build "$build_dir" --target "$@"
    mv "$stamp.new" "$stamp"
}

on_interrupt() {
    say "interrupted"
    exit 130
}
