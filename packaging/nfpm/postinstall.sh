#!/bin/sh
# After the files are installed. A server that runs is replaced by the new one and keeps its state; a new installation starts
# nothing: systemctl enable --now virga.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl try-restart virga.service || true
fi
