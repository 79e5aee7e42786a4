#!/bin/sh
# After the files are removed. Only dpkg --purge, which removes /etc/virga as well, removes the state.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi
if [ "${1:-}" = purge ]; then
    rm -rf /var/lib/private/virga /var/lib/virga
fi
