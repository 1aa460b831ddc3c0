#!/bin/sh
# Starts the application on a new board, lets it run a moment, and looks at every socket it opened: none may be of the
# internet's. TAP.
program=$1 here=$(dirname "$0")
for tool in strace Xvfb dbus-run-session; do
  command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not installed"; exit 0; }
done
strace -f -o /dev/null true 2>/dev/null || { echo "1..0 # SKIP strace may not trace here"; exit 0; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export HOME="$dir" XDG_DATA_HOME="$dir/data" XDG_CONFIG_HOME="$dir/config" GSETTINGS_BACKEND=memory
"$here/run-display.sh" timeout -s TERM 600 \
  strace -f -e trace=socket,connect -o "$dir/trace" sh -c 'echo $$ >"$1"; exec "$2" --new' _ "$dir/pid" "$program" >"$dir/out" 2>&1 &
run=$!
# It has done its part once the board's file lies on the disk and the window asked for its devices.
i=0
while [ $i -lt 4000 ] && kill -0 $run 2>/dev/null && [ -z "$(find "$dir" -name '*.inquadra' 2>/dev/null)" ]; do sleep 0.1; i=$((i + 1)); done
made=$(find "$dir" -name '*.inquadra')
i=0
while [ $i -lt 20 ] && kill -0 $run 2>/dev/null; do sleep 0.1; i=$((i + 1)); done
[ -s "$dir/pid" ] && kill "$(cat "$dir/pid")" 2>/dev/null
wait $run
echo 1..2
if [ -s "$dir/trace" ] && [ -n "$made" ]; then echo "ok 1 - the application ran and made a board"
else echo "not ok 1 - the application ran and made a board"; sed 's/^/# /' "$dir/out"; bad=1; fi
inet=$(grep -E 'socket\((AF_INET6?|PF_INET6?)' "$dir/trace")
if [ -z "$inet" ]; then echo "ok 2 - no internet socket was opened"
else echo "not ok 2 - no internet socket was opened"; echo "$inet" | sed 's/^/# /'; bad=1; fi
exit ${bad:-0}
