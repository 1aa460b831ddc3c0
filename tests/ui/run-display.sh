#!/bin/sh
# Runs a test of the window on its own display and session bus; skips where there is none to be had.
for tool in xvfb-run dbus-run-session; do
  command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not installed"; exit 0; }
done
export GDK_BACKEND=x11 GSK_RENDERER=cairo LC_ALL=C.UTF-8 GTK_USE_PORTAL=0
unset WAYLAND_DISPLAY DISPLAY DBUS_SESSION_BUS_ADDRESS
exec xvfb-run -a -s "-screen 0 ${INQ_SCREEN:-1920x1080}x24" dbus-run-session -- "$@" 2>&1
