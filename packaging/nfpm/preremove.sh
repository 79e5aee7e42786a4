#!/bin/sh
# Before the files are removed. Debian calls it with a word, RPM with the number of versions that stay; an upgrade stops
# nothing.
set -e
case ${1:-} in
upgrade | 1) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
    systemctl disable --now virga.service || true
fi
