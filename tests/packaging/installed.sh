#!/bin/sh
# Runs as root in a new Debian with systemd, beside old.deb and new.deb: installs the old package, upgrades it, removes and
# purges it. It changes the system, so tests/packaging/check_packages.sh runs it in a container.
set -eu
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive

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
installed_version() { dpkg-query -W -f '${Version}' virga; }
flow_is_known() { virga call DescribeFlowStatus FlowId="$flow" --endpoint http://127.0.0.1:"$1" --json | grep -q Status; }
not() { ! "$@"; }

dpkg -i old.deb
expect "the old version is installed" test "$(installed_version)" = 0.0.9-1
expect "man finds the page" man -w virga
expect "bash completes" test -s /usr/share/bash-completion/completions/virga
expect "zsh completes" test -s /usr/share/zsh/vendor-completions/_virga
expect "fish completes" test -s /usr/share/fish/vendor_completions.d/virga.fish
expect "an installation starts nothing" not systemctl is-active virga
systemctl enable --now virga
expect "systemctl start returns when the server answers" virga health --endpoint http://127.0.0.1:8328
pid=$(systemctl show -P MainPID virga)
expect "the server has a user of its own" test "$(stat -c %u /proc/"$pid")" -gt 1000
expect "its state is for it alone" test "$(stat -L -c %a /var/lib/virga)" = 700
systemd-analyze security virga --no-pager | tail -1
flow=$(virga call CreateBackup InstanceId=mssql-njj2mtpl --endpoint http://127.0.0.1:8328 --json | sed 's/.*"FlowId": *\([0-9]*\).*/\1/')
echo "VIRGA_PORT=9000" >>/etc/virga/virga.env

dpkg -i --force-confold new.deb
expect "the new version is installed" not test "$(installed_version)" = 0.0.9-1
expect "the new server runs, with the settings of before" virga health --endpoint http://127.0.0.1:9000
expect "the process is a new one" not test "$(systemctl show -P MainPID virga)" = "$pid"
expect "it knows the flow $flow" flow_is_known 9000

dpkg -r virga
expect "the program is gone" not test -e /usr/bin/virga
expect "the service is gone" not systemctl is-active virga
expect "the settings stay" grep -q VIRGA_PORT=9000 /etc/virga/virga.env
expect "the state stays" test -s /var/lib/virga/virga.db

dpkg -i new.deb
systemctl start virga
expect "installed again, it knows the flow $flow" flow_is_known 9000

dpkg -P virga
rest=$(find / -xdev -iname '*virga*' -not -path '/proc/*' -not -path '/sys/*' -not -path '/check/*' -not -path '/run/*')
expect "nothing is left after purge" test -z "$rest"
