#!/bin/sh
# Tries the packages of tools/package by hand, as root: check_packages.sh NFPM OUT PROGRAM...
#
# lintian reads every .deb. Then a new Debian (SUITE: bookworm, or a later one) is made, booted in a container without a
# network, and installs, upgrades and removes the packages of this machine's architecture (tests/packaging/installed.sh).
# Debian has no tool for those of Alpine: these are only unpacked. All that is written is below OUT/check.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tools/common.sh"
nfpm=$1
out=$2
shift 2
work=$out/check
suite=${SUITE:-bookworm}
base=$work/$suite.tar
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$root/meson.build")

need_packages lintian mmdebstrap systemd-container qemu-user-static
mkdir -p "$work"

echo "== lintian"
lintian --allow-root --fail-on error "$out/virga_$version"-1_*.deb && echo "no errors"

own=$(dpkg --print-architecture)
case $own in
amd64) cpu=x86_64 ;;
*) cpu=aarch64 ;;
esac
echo "== Alpine: unpacked"
for package in "$out/virga_$version"-r1_*.apk; do
    rm -rf "$work/apk"
    mkdir -p "$work/apk"
    tar -C "$work/apk" -xzf "$package" 2>/dev/null
    grep -E '^(pkgname|pkgver|arch|license) =' "$work/apk/.PKGINFO"
    "$work/apk/usr/bin/virga" version
done

echo "== Debian $suite in a container: $own"
for program in "$@"; do
    python3 "$root/packaging/nfpm/packages.py" --nfpm "$nfpm" --program "$program" --version "0.0.9" --out "$work" deb rpm archlinux \
        >/dev/null
done
if [ ! -f "$base" ]; then
    quietly mmdebstrap mmdebstrap --variant=minbase --include=systemd,systemd-sysv,man-db,rpm,pacman-package-manager "$suite" "$base"
fi
rm -rf "$work/debian"
mkdir "$work/debian"
tar -C "$work/debian" -xf "$base" --exclude='./dev/*'
mkdir "$work/debian/check"
cp "$here/installed.sh" "$work/debian/check/"
cp "$work/virga_0.0.9-1_$own.deb" "$work/debian/check/old.deb"
cp "$work/virga-0.0.9-1.$cpu.rpm" "$work/debian/check/old.rpm"
cp "$work/virga-0.0.9-1-$cpu.pkg.tar.zst" "$work/debian/check/old.pkg.tar.zst"
cp "$out/virga_$version-1_$own.deb" "$work/debian/check/new.deb"
cp "$out/virga-$version-1.$cpu.rpm" "$work/debian/check/new.rpm"
cp "$out/virga-$version-1-$cpu.pkg.tar.zst" "$work/debian/check/new.pkg.tar.zst"
cat >"$work/debian/etc/systemd/system/check.service" <<END
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=sh -c 'sh /check/installed.sh >/check/log 2>&1; echo \$? >/check/status; systemctl poweroff --no-block'
[Install]
WantedBy=multi-user.target
END
mkdir -p "$work/debian/etc/systemd/system/multi-user.target.wants"
ln -s ../check.service "$work/debian/etc/systemd/system/multi-user.target.wants/check.service"
timeout 300 systemd-nspawn -D "$work/debian" --register=no --keep-unit --private-network --boot >"$work/boot.log" 2>&1 || true
cat "$work/debian/check/log"
[ "$(cat "$work/debian/check/status")" = 0 ]
