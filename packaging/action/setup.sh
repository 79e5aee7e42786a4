#!/bin/sh
# Installs virga for a job of continuous integration, and may start it: sh setup.sh [--version]
#
# It needs sh, curl, tar and sha256sum or shasum. The archive of the release is checked against SHA256SUMS. What is installed
# once is found again, so a job that keeps VIRGA_DIR in its cache downloads nothing.
#
#   VIRGA_VERSION    the version; that of the checkout which this file is in
#   VIRGA_DIR        where it is installed (~/.cache/virga)
#   VIRGA_DOWNLOAD   the address of the folder with the archives and SHA256SUMS; that of the release
#   VIRGA_START      true: start a server in memory, on a free port, with the options of the environment (VIRGA_SEED=1)
#
# GitHub's later steps find virga in PATH, and the variables in their environment. Elsewhere the shell reads them:
# . "$VIRGA_DIR/env". --version prints only the version.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "setup.sh: $*" >&2
    exit 1
}

# The first text of a member in a file of JSON: member NAME FILE
member() {
    sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$2" | head -n 1
}

find_target() {
    case $(uname -s)-$(uname -m) in
    Linux-x86_64) target=linux-x86_64 ;;
    Linux-aarch64 | Linux-arm64) target=linux-aarch64 ;;
    Darwin-arm64) target=macos-arm64 ;;
    Darwin-x86_64) target=macos-x86_64 ;;
    *) fail "there is no virga for $(uname -s) on $(uname -m)" ;;
    esac
}

sum_of() {
    if command -v sha256sum >/dev/null; then
        sha256sum "$1"
    else
        shasum -a 256 "$1"
    fi | cut -d ' ' -f 1
}

get() {
    curl --fail --silent --show-error --location --retry 3 --output "$2" "$1" || fail "$1 cannot be downloaded"
}

# Nothing of an archive is kept when its sum is wrong, or the job ends early.
install() {
    : "${VIRGA_DOWNLOAD:=$(member repository "$here/../project.json" 2>/dev/null)/releases/download/v$version}"
    part=$dir/part.$$
    rm -rf "$part"
    mkdir -p "$part"
    trap 'rm -rf "$part"' EXIT
    get "$VIRGA_DOWNLOAD/$name.tar.gz" "$part/$name.tar.gz"
    get "$VIRGA_DOWNLOAD/SHA256SUMS" "$part/SHA256SUMS"
    expected=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$name\.tar\.gz\$/\1/p" "$part/SHA256SUMS")
    [ -n "$expected" ] || fail "SHA256SUMS does not name $name.tar.gz"
    [ "$(sum_of "$part/$name.tar.gz")" = "$expected" ] || fail "$name.tar.gz does not have the sum that SHA256SUMS gives"
    tar -C "$part" -xzf "$part/$name.tar.gz"
    mv "$part/$name" "$dir/$name"
}

# Leaves a server behind, and prints the variables by which clients find it.
start() {
    endpoints=$dir/endpoints.json
    rm -f "$endpoints"
    VIRGA_MEMORY=1 VIRGA_PORT=${VIRGA_PORT:-0} VIRGA_ENDPOINTS_FILE=$endpoints nohup "$virga" serve \
        >"$dir/virga.log" 2>&1 </dev/null &
    if ! "$virga" wait --endpoints-file "$endpoints" --timeout 20 >/dev/null; then
        cat "$dir/virga.log" >&2
        fail "virga does not start"
    fi
    "$virga" env --endpoints-file "$endpoints" | sed 's/^export //'
    echo "VIRGA_ENDPOINT=$(member endpoint "$endpoints")"
    echo "VIRGA_CONTROL=$(member control "$endpoints")"
    echo "VIRGA_ENDPOINTS_FILE=$endpoints"
}

version=${VIRGA_VERSION:-}
[ -n "$version" ] || version=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$here/../../meson.build" 2>/dev/null) || true
[ -n "$version" ] || fail "set VIRGA_VERSION"
if [ "${1:-}" = --version ]; then
    echo "$version"
    exit
fi

dir=${VIRGA_DIR:-$HOME/.cache/virga}
find_target
name=virga-$version-$target
virga=$dir/$name/bin/virga
mkdir -p "$dir"
[ -x "$virga" ] || install
"$virga" version
variables=
[ "${VIRGA_START:-}" != true ] || variables=$(start)

if [ -n "${GITHUB_PATH:-}" ]; then
    echo "$dir/$name/bin" >>"$GITHUB_PATH"
    [ -z "$variables" ] || echo "$variables" | tee -a "$GITHUB_ENV" >>"$GITHUB_OUTPUT"
else
    {
        echo "export PATH=\"$dir/$name/bin:\$PATH\""
        [ -z "$variables" ] || echo "$variables" | sed "s/=\(.*\)/='\1'/; s/^/export /"
    } >"$dir/env"
fi
