#!/bin/sh
# Every file with translatable strings is in po/POTFILES, and every translation is complete. TAP.
cd "$1" || exit 1
echo 1..2
found=$(grep -lE '(^|[^A-Za-z_])(N?_|N?C_|ngettext|g_dngettext) \(' -r src --include='*.c' | sort
  grep -lE 'translatable="yes"' -r src --include='*.ui' | sort
  ls data/*.desktop.in data/*.metainfo.xml.in data/*.gschema.xml | sort)
listed=$(grep -v '^#' po/POTFILES | sort)
odd=$(printf '%s\n%s\n' "$(echo "$found" | sort -u)" "$listed" | sort | uniq -u)
if [ -z "$odd" ]; then echo 'ok 1 - POTFILES lists every file'; else echo 'not ok 1 - POTFILES lists every file'; echo "$odd" | sed 's/^/# /'; bad=1; fi
missing=
for language in $(grep -v '^#' po/LINGUAS); do
  statistics=$(LC_ALL=C msgfmt --statistics -c -o /dev/null "po/$language.po" 2>&1)
  case $statistics in *fuzzy*|*untranslated*|*error*) missing="$missing $language: $statistics" ;; esac
  # A message the sources have and the translation has not heard of yet.
  news=$(xgettext --from-code=UTF-8 -k_ -kN_ -kC_:1c,2 -kNC_:1c,2 -kngettext:1,2 -kg_dngettext:2,3 $(grep -v "^#" po/POTFILES) -o - 2>/dev/null \
    | msgcmp "po/$language.po" - 2>&1 | grep -c 'not defined\|not translated\|used but')
  [ "$news" = 0 ] || missing="$missing $language: $news new messages"
done
if [ -z "$missing" ]; then echo 'ok 2 - translations are complete'; else echo 'not ok 2 - translations are complete'; echo "#$missing"; bad=1; fi
exit ${bad:-0}
