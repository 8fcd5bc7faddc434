# The Debian packages that easel is built and tested with, and installing those that are missing. Sourced by setup.sh
# when something has to be built.
# shellcheck shell=bash disable=SC2154  # variables that cross from one file to another

# Boost's headers: any version of them that is here, for Debian's exclude each other.
boost_package() { [[ -e /usr/include/boost/beast.hpp ]] || printf 'libboost-dev'; }

draw_packages="g++ cmake ninja-build pkg-config python3
               libvips-dev zlib1g-dev libcli11-dev nlohmann-json3-dev libutf8proc-dev libfmt-dev libpugixml-dev
               libcurl4-openssl-dev libssl-dev $(boost_package) libtomlplusplus-dev fonts-dejavu-core"
test_packages="libgtest-dev libcpp-httplib-dev"

# The sizes are those of the wheel for x86-64, and of what is unpacked from it.
openvino="OpenVINO $(sed -n 's/^openvino==\([0-9.]*\).*/\1/p' "$repo/cmake/openvino-wheel.txt")"
openvino_size="59 MB to download, 167 MB on the disk"

# The suffix in the names of clang's tools and packages: none for the distribution's default version, or that of a
# version that is installed already while the default one is not, such as -14.
clang_suffix() {
    command -v clang++ >/dev/null || compgen -c clang++- | grep -xE 'clang\+\+-[0-9]+' | sed 's/clang++//' | sort -V | tail -n 1
}

# With LibTorch, and the BLAS that makes it fast, for easel-train; what divides jobs among processes, and requests among
# servers (tests/scale), and a browser for the tests of the page.
# What brings node may bring npm with it.
deep_packages() {
    printf "clang%s libclang-rt%s-dev clang-tidy%s llvm%s " "$1" "$1" "$1" "$1"
    printf "slurmctld slurmd slurm-client munge openmpi-bin parallel haproxy chromium nodejs "
    printf "libtorch-dev libgloo-dev libopenblas0-pthread"
    command -v npm >/dev/null || printf " npm"
}

# Formatting is checked by one version of clang-format alone, since versions differ: nothing where it is not to be had.
format_packages() {
    if command -v clang-format-14 >/dev/null || apt-cache show clang-format-14 &>/dev/null; then
        printf 'clang-format-14'
    fi
}

# Prints those of the packages that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *" installed" ]] || printf '%s ' "$package"
    done
}

# Ends where the CMake that is here, or else the one that would be installed, cannot read CMakePresets.json.
check_cmake() {
    local needed found where
    needed=$(sed -n 's/.*"major": \([0-9]*\), "minor": \([0-9]*\).*/\1.\2/p' "$repo/CMakePresets.json")
    if command -v cmake >/dev/null; then
        found=$(cmake --version | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
        where=$(command -v cmake)
    else
        found=$(apt-cache policy cmake 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9.]*\).*/\1/p')
        where="the one that apt-get would install"
    fi
    [[ -n $found && $(printf '%s\n%s\n' "$needed" "$found" | sort -V | head -n 1) != "$needed" ]] || return 0
    give_up "CMake $needed or newer is needed, and this is $found ($where);" \
        "put a newer one on the PATH (a venv with 'pip install cmake' has one). Nothing was installed."
}

# Prints how many packages the given ones bring, and their size; nothing where apt-get has no lists of packages yet.
size_of_packages() {
    local uris
    uris=$(apt-get -o Debug::NoLocking=1 -qq --print-uris --no-install-recommends install "$@" 2>/dev/null) || return 0
    awk '{ count++; bytes += $3 } END { printf "%d packages, %d MB to download, ", count, bytes / 1e6 }' <<<"$uris"
    awk '{ sub(/_.*/, "", $2); print $2 }' <<<"$uris" | xargs apt-cache show --no-all-versions |
        awk '/^Installed-Size:/ { kb += $2 } END { printf "%d MB on the disk", kb / 1e3 }'
}

as_root() {
    local root=()
    ((EUID == 0)) || root=(sudo)
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive "$@"
}

# Installs the packages that are missing, where this is Debian or made from it. What is going to be installed is listed
# first.
install_packages() {
    local packages=("$@") missing fetched="" size
    if [[ -z ${OpenVINO_DIR-} ]] && ! compgen -G "$repo/build/openvino-*/openvino" >/dev/null; then
        fetched=$openvino
        python3 -m pip --version &>/dev/null || packages+=(python3-pip)
    fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        check_cmake
        say "no apt-get here: what Debian calls ${packages[*]} must be installed already"
        return
    fi
    missing=$(missing_packages "${packages[@]}")
    missing=${missing% }
    if [[ ${EASEL_OFFLINE:-0} != 0 && -n $missing ]]; then
        give_up "EASEL_OFFLINE is set and these are missing: the packages $missing${fetched:+ and $fetched}."
    fi
    check_cmake
    if [[ -n $missing ]]; then
        if ((EUID != 0)) && ! command -v sudo >/dev/null; then
            give_up "these packages are missing and only root can install them: apt-get install $missing"
        fi
        # shellcheck disable=SC2086  # a list of names
        size=$(size_of_packages $missing)
        if [[ -z $size ]]; then
            stage "reading the lists of packages, to see what $missing bring along" as_root apt-get update
            check_cmake
            # shellcheck disable=SC2086  # a list of names
            size=$(size_of_packages $missing)
        fi
        say "to be installed: $missing${size:+ ($size)}"
    fi
    [[ -z $fetched ]] || say "to be unpacked in build/: $fetched from the Python package index ($openvino_size)"
    if [[ -n $missing ]]; then
        # shellcheck disable=SC2086  # a list of names
        stage "installing packages" install_listed $missing
    fi
}

install_listed() {
    as_root apt-get update
    as_root apt-get install --yes --no-install-recommends "$@"
}
