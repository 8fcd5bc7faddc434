# The packages that cpack makes of the build folder $1 draw in bare Debian roots, without compiler, Python and network, as an
# ordinary user: the .tar.gz moved, the .deb installed. Needs root, debootstrap and a network to make the roots with.
set -u
build=$1
[[ -f $build/CPackConfig.cmake ]] || { echo "$build is not there"; exit 77; }
((EUID == 0)) || { echo "only root can make Debian roots"; exit 77; }
command -v debootstrap >/dev/null || { echo "debootstrap is not installed"; exit 77; }
unshare --mount --net true 2>/dev/null || { echo "no namespaces can be made here"; exit 77; }

folder=$(mktemp -d)
trap 'rm -rf --one-file-system "$folder"' EXIT
cpack --config "$build/CPackConfig.cmake" -G "TGZ;DEB" -B "$folder/package" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
package=$(echo "$folder"/package/easel-*.tar.gz)
debian_package=$(echo "$folder"/package/easel_*.deb)
stat -c '%s bytes in %n' "$package" "$debian_package"

# Runs a command in a root, in namespaces of its own, whose mounts end with it.
enter() { # ROOT COMMAND
    unshare --mount --net --pid --fork bash -c '
        mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" || exit 77
        exec env -i PATH=/usr/bin:/bin HOME=/home/you "$(command -v chroot)" --userspec=1234:1234 "$1" bash -c "$2"' _ "$1" "$2"
}

# What has to work; $easel is the program, $data its share/easel.
drawing='
    set -e
    cd "$(mktemp -d)"
    for tool in gcc python3 cmake; do ! command -v $tool; done
    "$easel" "cat face" --seed 7 --quiet -o cat.png
    "$easel" mask cat.png -o mask.png
    "$easel" convert "$data/models/emoji" ir --to ir
    "$easel" "cat face" -m ir --seed 7 --quiet -o cat-ir.png
    "$easel" inspect cat-ir.png'

draws() { # ROOT COMMANDS
    enter "$1" "$2$drawing" >"$folder/log" 2>&1 </dev/null
    local status=$?
    ((status == 77)) && { echo "nothing can be mounted here"; exit 77; }
    ((status == 0)) || { echo "in ${1##*/}:"; cat "$folder/log"; exit 1; }
}

tried=0
for suite in bookworm trixie; do
    root=$folder/$suite
    if ! timeout 600 debootstrap --variant=minbase "$suite" "$root" >"$folder/log" 2>&1; then
        echo "no root of $suite could be made:"
        tail -n 2 "$folder/log"
        continue
    fi
    mkdir -p "$root/home/you/moved here"
    tar -x -z -C "$root/home/you/moved here" -f "$package"
    chown -R 1234:1234 "$root/home/you"
    draws "$root" 'easel=$(echo "$HOME"/moved*/easel-*/bin/easel); data=${easel%/bin/easel}/share/easel;'
    echo "the archive draws in $suite"

    cp "$debian_package" "$root/tmp/easel.deb"
    if ! chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        /tmp/easel.deb >"$folder/log" 2>&1 </dev/null; then
        echo "in $suite:"
        tail -n 20 "$folder/log"
        exit 1
    fi
    draws "$root" 'easel=easel data=/usr/share/easel;'
    echo "the package draws in $suite"
    tried=$((tried + 1))
    rm -rf --one-file-system "$root"
done
((tried > 0)) || exit 77
