#!/bin/sh
# Tries the packages of tools/package by hand, as root: check_packages.sh NFPM OUT PROGRAM...
#
# lintian reads every .deb. Then a new Debian is made, booted in a container without a network, and installs, upgrades,
# removes and purges the package (tests/packaging/installed.sh). The packages of other distributions are installed in empty
# folders, where Debian has their tool. All that is written is below OUT/check.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tools/common.sh"
nfpm=$1
out=$2
shift 2
work=$out/check
base=$work/base.tar
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$root/meson.build")

need_packages lintian mmdebstrap systemd-container rpm pacman-package-manager libarchive-tools zstd qemu-user-static
mkdir -p "$work"

echo "== lintian"
lintian --allow-root --fail-on error "$out/virga_$version"-1_*.deb && echo "no errors"

# The program that this machine can run, in a package of an earlier version.
own=$(dpkg --print-architecture)
for program in "$@"; do
    python3 "$root/packaging/nfpm/packages.py" --nfpm "$nfpm" --program "$program" --version "0.0.9" --out "$work" deb >/dev/null
done

echo "== Debian 12 in a container: $own"
if [ ! -f "$base" ]; then
    quietly mmdebstrap mmdebstrap --variant=minbase --include=systemd,systemd-sysv,man-db bookworm "$base"
fi
rm -rf "$work/debian"
mkdir "$work/debian"
tar -C "$work/debian" -xf "$base" --exclude='./dev/*'
mkdir "$work/debian/check"
cp "$work/virga_0.0.9-1_$own.deb" "$work/debian/check/old.deb"
cp "$out/virga_$version-1_$own.deb" "$work/debian/check/new.deb"
cp "$here/installed.sh" "$work/debian/check/"
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

# Runs the program that is installed in this folder: try FOLDER
try() {
    test -s "$work/$1/usr/share/man/man1/virga.1.gz"
    echo "== $1: $("$work/$1/usr/bin/virga" version)"
}
case $own in
amd64) cpu=x86_64 ;;
*) cpu=aarch64 ;;
esac
rm -rf "$work/rpm" "$work/arch" "$work/apk"
mkdir -p "$work/rpm" "$work/arch/var/lib/pacman" "$work/apk"
rpm --root "$work/rpm" --nodeps --noscripts -i "$out/virga-$version-1.$cpu.rpm"
rpm --root "$work/rpm" -V --nodeps virga
try rpm
pacman --root "$work/arch" --dbpath "$work/arch/var/lib/pacman" --noconfirm --noscriptlet -U "$out/virga-$version-1-$cpu.pkg.tar.zst" \
    >"$work/pacman.log" 2>&1
try arch
bsdtar -C "$work/apk" -xf "$out/virga_$version-r1_$cpu.apk"
try apk
rpm --root "$work/rpm" --nodeps --noscripts -e virga
pacman --root "$work/arch" --dbpath "$work/arch/var/lib/pacman" --noconfirm --noscriptlet -R virga >>"$work/pacman.log" 2>&1
find "$work/rpm" "$work/arch" -name '*virga*' -not -path '*/lib/rpm/*' -not -path '*/lib/pacman/*' | grep . && exit 1
echo "== removed: nothing is left of rpm and arch"
