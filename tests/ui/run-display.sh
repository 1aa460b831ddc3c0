#!/bin/sh
# Runs a test of the window on its own display and session bus; skips (with 0: meson takes 77 of a TAP program for a
# failure) where there is none to be had. What the program prints stays apart from what the bus and the display say.
for tool in Xvfb dbus-run-session; do
  command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not installed"; exit 0; }
done
export GDK_BACKEND=x11 GSK_RENDERER=cairo LC_ALL=C.UTF-8 GTK_USE_PORTAL=0 GDK_DEBUG=gl-disable
# What an installed Inquadra has there.
export XDG_DATA_DIRS=${INQ_DATA_DIR:+$INQ_DATA_DIR:}${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
unset WAYLAND_DISPLAY DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS
scratch=$(mktemp -d) || exit 1
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 143' HUP INT TERM
# The server takes a free number itself and says which. xvfb-run looks for one first, and two that look at once both
# take the same.
mkfifo "$scratch/number" || exit 1
Xvfb -displayfd 3 -screen 0 "${INQ_SCREEN:-1920x1080}x24" -nolisten tcp -noreset >"$scratch/server" 2>&1 3>"$scratch/number" &
server=$!
read -r number <"$scratch/number"
[ -n "$number" ] || { cat "$scratch/server" >&2; echo "Bail out! Xvfb does not start"; exit 1; }
DISPLAY=:$number dbus-run-session -- sh -c 'exec "$@" >&4' sh "$@" 4>&1 >&2
