#!/bin/sh
# What must hold for every source file: TAP, one line a rule.
cd "$1" || exit 1
echo 1..5
n=0
rule() { # DESCRIPTION OFFENDERS
  n=$((n + 1))
  if [ -z "$2" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; echo "$2" | sed 's/^/# /'; bad=1; fi
}
c=$(find src tests -name '*.c' -o -name '*.h')
rule 'no include climbs out of its folder' "$(grep -nE '#include "\.\./' $c)"
rule 'no network code in the program' "$(grep -rnE 'GSocket|g_socket|<sys/socket\.h>|<netinet/|<arpa/inet|libsoup|soup_|<curl/|g_network_|getaddrinfo' src)"
rule 'the engine includes neither GTK nor SQLite' "$(grep -rnE '#include <(gtk|adwaita|sqlite3|gdk)' src/engine src/gpu)"
rule 'the engine never aborts, exits or prints' "$(grep -rnE '(^|[^_a-z>.])(abort|exit|printf|puts|g_print|g_printerr|g_error|g_assert[a-z_]*) \(' src/engine src/gpu | grep -v 'g_assert_not_reached')"
rule 'every source file names its licence' "$(grep -L 'SPDX-License-Identifier: GPL-3.0-or-later' $c $(find shaders -name '*.comp' -o -name '*.glsl'))"
exit ${bad:-0}
