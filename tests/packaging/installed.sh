#!/bin/sh
# Runs as root in a new Debian with systemd, beside the packages old.* and new.*: installs the old one with each package manager,
# upgrades and removes it. It changes the system, so tests/packaging/check_packages.sh runs it in a container.
set -eu
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive
settings=/etc/virga/virga.env
url=http://127.0.0.1

# What has to be true: expect TEXT COMMAND...
expect() {
    text=$1
    shift
    if "$@" >/tmp/expect.log 2>&1; then
        echo "ok: $text"
    else
        echo "NOT OK: $text: $*"
        cat /tmp/expect.log
        journalctl -u virga --no-pager -n 20 || true
        exit 1
    fi
}
not() { ! "$@"; }

# --- the package managers -------------------------------------------------------------------------------------------

deb_install() { dpkg -i --force-confold "$1.deb"; }
deb_remove() { dpkg -r virga; }
deb_version() { dpkg-query -W -f '${Version}' virga; }

rpm_install() { rpm -U --nodeps "$1.rpm"; } # Debian's rpm does not know that there is a shell
rpm_remove() { rpm -e virga; }
rpm_version() { rpm -q --qf '%{VERSION}-%{RELEASE}' virga; }

arch_install() { pacman -U --noconfirm "$1.pkg.tar.zst"; }
arch_remove() { pacman -R --noconfirm virga; }
arch_version() { pacman -Q virga | cut -d ' ' -f 2; }

# --- the life of a package ------------------------------------------------------------------------------------------

flow_is_known() { virga call DescribeFlowStatus FlowId="$flow" --endpoint "$url:$1" --json | grep -q Status; }

install_old() {
    "$1_install" old
    expect "$1: the old version is installed" test "$("$1_version")" = 0.0.9-1
    expect "$1: man finds the page" man -w virga
    expect "$1: bash completes" test -s /usr/share/bash-completion/completions/virga
    expect "$1: zsh completes" test -s "/usr/share/zsh/$2/_virga"
    expect "$1: fish completes" test -s /usr/share/fish/vendor_completions.d/virga.fish
    expect "$1: the settings are for root alone" test "$(stat -c %a "$settings")" = 640
    expect "$1: an installation starts nothing" not systemctl is-active virga
}

start_service() {
    systemctl enable --now virga
    expect "$1: systemctl start returns when the server answers" virga health --endpoint "$url:8328"
    pid=$(systemctl show -P MainPID virga)
    expect "$1: the server has a user of its own" test "$(stat -c %u /proc/"$pid")" -gt 1000
    expect "$1: its state is for it alone" test "$(stat -L -c %a /var/lib/virga)" = 700
    flow=$(virga call CreateBackup InstanceId=mssql-njj2mtpl --endpoint "$url:8328" --json | sed 's/.*"FlowId": *\([0-9]*\).*/\1/')
}

upgrade() {
    echo "VIRGA_PORT=9000" >>"$settings"
    "$1_install" new
    expect "$1: the new version is installed" not test "$("$1_version")" = 0.0.9-1
    expect "$1: the new server runs, with the settings of before" virga health --endpoint "$url:9000"
    expect "$1: the process is a new one" not test "$(systemctl show -P MainPID virga)" = "$pid"
    expect "$1: it knows the flow $flow" flow_is_known 9000
}

remove() {
    "$1_remove"
    expect "$1: the program is gone" not test -e /usr/bin/virga
    expect "$1: the service is gone" not systemctl is-active virga
    expect "$1: the settings stay" grep -q VIRGA_PORT=9000 "$settings"*
    expect "$1: the state stays" test -s /var/lib/virga/virga.db
}

install_old deb vendor-completions
start_service deb
systemd-analyze security virga --no-pager | tail -1
upgrade deb
remove deb
deb_install new
systemctl start virga
expect "deb: installed again, it knows the flow $flow" flow_is_known 9000
dpkg -P virga
rest=$(find / -xdev -iname '*virga*' -not -path '/proc/*' -not -path '/sys/*' -not -path '/check/*' -not -path '/run/*')
expect "deb: nothing is left after purge" test -z "$rest"

for format in rpm arch; do
    [ "$format" != arch ] || ln -sf bash /bin/sh # as on Arch: nfpm writes the script of a package for bash
    install_old "$format" site-functions
    start_service "$format"
    upgrade "$format"
    remove "$format"
    rm -rf /etc/virga /var/lib/private/virga /var/lib/virga # as docs/install.md says
done
