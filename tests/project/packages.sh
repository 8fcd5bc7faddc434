# What cmake/packages.sh says and installs, with stand-ins for the package tools that note how they are called.
set -u
top=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/bin" "$folder/cmake"
cp "$top/CMakePresets.json" "$folder/"
cp "$top/cmake/openvino-wheel.txt" "$folder/cmake/"
calls=$folder/calls

stand_in() { # NAME SCRIPT
    printf '#!/bin/bash\n%s\n' "$2" >"$folder/bin/$1"
    chmod +x "$folder/bin/$1"
}
stand_in sudo 'exec "$@"'
stand_in python3 'exit 0'
stand_in dpkg-query '[[ " $HAVE " == *" ${!#} "* ]] && printf "install ok installed"'
stand_in cmake 'echo "cmake version ${CMAKE_FOUND:-3.31.6}"'
stand_in apt-cache '[[ $1 == show ]] && printf "Package: a\nInstalled-Size: 2500\n\nPackage: b\nInstalled-Size: 1500\n"'
stand_in apt-get 'echo "$*" >>"'"$calls"'"
if [[ "$*" == *--print-uris* ]]; then
    printf "%s\n" "'"'http://x/a'"' a_1_all.deb 5000000 MD5Sum:0" "'"'http://x/b'"' b_1_all.deb 2000000 MD5Sum:0"
fi'

# What installing the packages $@ says, with what the stand-ins get by way of the environment.
run() {
    rm -f "$calls"
    (
        PATH=$folder/bin:/usr/bin:/bin
        repo=$folder
        source "$top/cmake/setup.sh"
        source "$top/cmake/packages.sh"
        install_packages "$@"
    ) 2>&1
}

failures=0
check() { # WHAT TEXT PATTERN
    [[ $2 == $3 ]] && return
    printf '%s\n--- said:\n%s\n--- expected: %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
}
installed() { grep -c '^install --yes' "$calls" 2>/dev/null; }

export HAVE="here" OpenVINO_DIR=/nowhere
unset EASEL_OFFLINE
check "what is there is not installed again" "$(run here)$(installed)" ""
check "what is missing is listed with its size before it is installed" "$(run here a b)" \
    "easel: to be installed: a b (2 packages, 7 MB to download, 4 MB on the disk)"$'\n'"easel: installing packages"
check "only what is missing is installed" "$(grep '^install --yes' "$calls")" "*--no-install-recommends a b"
check "a CMake that is too old is named" "$(CMAKE_FOUND=3.22.1 run a)" "*CMake 3.25 or newer is needed, and this is 3.22.1 (*"
check "with it nothing is installed" "$(installed)" ""
check "a CMake of the needed version does" "$(CMAKE_FOUND=3.25.0 run here)" ""
check "off the network nothing is installed" "$(EASEL_OFFLINE=1 run a)$(installed)" "*EASEL_OFFLINE is set*: the packages a.*"
unset OpenVINO_DIR
check "OpenVINO is listed with its size" "$(run here)" "*OpenVINO 2*MB to download, *MB on the disk)"

((failures == 0))
