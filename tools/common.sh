# Shared by tools/run, tools/test and tools/fuzz; sourced by `sh -eu` with $root set.
# shellcheck shell=sh disable=SC2154

# As root, or through sudo where there is one.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Installs those of the named Debian packages that are not installed. On another system the build itself says what is
# missing.
need_packages() {
    command -v dpkg-query >/dev/null || return 0
    missing=
    for package in "$@"; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true) in
        *" installed") ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -z "$missing" ] && return 0
    echo "Installing$missing" >&2
    quietly packages as_root apt-get update
    # shellcheck disable=SC2086 # a list of words
    quietly packages as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
}

# Runs a command with its output in build/NAME.log, which is shown only when the command fails.
quietly() {
    log=$root/build/$1.log
    shift
    mkdir -p "$root/build"
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        echo "failed: $*" >&2
        return 1
    fi
}

# A Python environment, made again only when its list of requirements has changed: make_venv NAME REQUIREMENTS
make_venv() {
    venv=$root/build/$1
    sum=$(sha256sum <"$2")
    [ "$(cat "$venv/stamp" 2>/dev/null || true)" = "$sum" ] && return 0
    rm -rf "$venv"
    quietly "$1" /usr/bin/python3 -m venv "$venv" || return 1
    # To compile every product of the SDK would take longer than all else here.
    quietly "$1" "$venv/bin/pip" install --disable-pip-version-check --no-compile -r "$2" || return 1
    echo "$sum" >"$venv/stamp"
}

# Builds in build/NAME with these options of meson. The second time it compiles only what has changed, unless the options
# have: build_dir NAME OPTION...
build_dir() {
    name=$1
    shift
    options=$root/build/$name/options
    if [ "$*" != "$(cat "$options" 2>/dev/null || true)" ]; then
        rm -rf "${root:?}/build/$name"
        quietly "$name" meson setup "$@" "$root/build/$name" "$root" || return 1
        echo "$*" >"$options"
    fi
    quietly "$name" ninja -C "$root/build/$name"
}

# The build of the tests: clang, with sanitizers and the fuzz targets.
build_test() {
    CC=clang build_dir test -Doptimization=1 -Ddebug=true -Dwerror=true -Dfuzz=true -Dhostile=true \
        -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fno-sanitize-recover=all
}
