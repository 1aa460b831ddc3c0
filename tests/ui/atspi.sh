#!/bin/sh
# Looks at the window and drives it the way a screen reader and a keyboard do: from another process, over AT-SPI. TAP.
# Arguments: the application, inquadra-cli. A skip ends with 0: meson takes 77 of a TAP program for a failure.
for python in /usr/bin/python3 python3; do
  "$python" -c "import gi; gi.require_version ('Atspi', '2.0'); from gi.repository import Atspi" 2>/dev/null && break
  python=
done
[ -n "$python" ] || { echo "1..0 # SKIP python3-gi or gir1.2-atspi-2.0 is not installed"; exit 0; }
here=$(dirname "$0")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export HOME="$dir" XDG_DATA_HOME="$dir/data" XDG_CONFIG_HOME="$dir/config" NO_AT_BRIDGE=0 GTK_A11Y=atspi
unset G_DEBUG
"$here/run-display.sh" "$python" "$here/atspi.py" "$1" "$2" "$dir"
