#!/bin/bash
# inquadra-cli project: the whole path without a display, and what it says to bad input. TAP.
cli=$(realpath "$1")
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
export LC_ALL=C XDG_CACHE_HOME=$dir/cache XDG_DATA_HOME=$dir/data
n=0
ok() { # DESCRIPTION; judges the last status
  local rc=$? ; n=$((n + 1))
  if [ $rc = 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; sed 's/^/# /' err out 2>/dev/null; bad=1; fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
run() { "$cli" "$@" >out 2>err; rc=$?; }

run project new film.inquadra --title "The <Film> & more" --rate 23.976
[ $rc = 0 ] && [ -f film.inquadra ]; ok 'new makes a board'
run project new film.inquadra
[ $rc = 1 ] && grep -q film.inquadra err; ok 'new does not overwrite'
run project new x.inquadra --rate fast
[ $rc = 2 ] && [ ! -e x.inquadra ]; ok 'a bad rate is wrong usage'
run project new x.inquadra --frame 16by9
[ $rc = 2 ] && [ ! -e x.inquadra ]; ok 'a bad frame is wrong usage'
run project new nowhere/x.inquadra
[ $rc = 1 ] && [ -s err ]; ok 'a missing folder is said'

run project add-panel film.inquadra --prompt 'wide shot, two people, forest, night' --seconds 3
[ $rc = 0 ] && [ "$(cat out)" = 1A ]; ok 'add-panel prints the number'
run project add-panel film.inquadra --prompt '' --dialogue 'Who is there?' --shot-size CU --frames 10
[ $rc = 0 ] && [ "$(cat out)" = 1A-2 ]; ok 'an empty prompt is allowed'
run project add-panel film.inquadra --prompt middle --after 1A
[ $rc = 0 ] && [ "$(cat out)" = 1A-2 ]; ok 'after puts it in between'
run project add-panel film.inquadra --prompt x --after 9Z
[ $rc = 1 ] && [ -s err ]; ok 'an unknown panel is said'
run project info film.inquadra --json
[ $rc = 0 ] && python3 - <<'PY'
import json
b = json.load(open('out'))
assert b['title'] == 'The <Film> & more', b['title']
assert (b['rate_num'], b['rate_den']) == (24000, 1001)
assert [p['number'] for p in b['panels']] == ['1A', '1A-2', '1A-3']
assert [p['duration_frames'] for p in b['panels']] == [72, 48, 10]
assert b['total_frames'] == 130
assert b['panels'][2]['dialogue'] == 'Who is there?' and b['panels'][2]['size'] == 'CU'
PY
ok 'info tells it all as JSON'
run project check film.inquadra
[ $rc = 0 ]; ok 'check finds it sound'
run project pick film.inquadra 1A 1
[ $rc = 1 ] && grep -q 'no number 1' err; ok 'there is nothing to pick yet'
run project pick film.inquadra 1A one
[ $rc = 2 ]; ok 'a pick wants a number'

run project snapshot film.inquadra 'first cut'
[ $rc = 0 ]; ok 'a version is saved'
run project add-panel film.inquadra --prompt 'one too many'
run project snapshots film.inquadra --json
[ $rc = 0 ] && python3 -c '
import json
v = json.load(open("out"))
assert [(x["name"], x["panels"], x["total_frames"], x["rate_num"]) for x in v] == [("first cut", 3, 130, 24000)], v
assert v[0]["created"].endswith("Z")'
ok 'and listed'
run project restore film.inquadra 'second cut'
[ $rc = 1 ] && grep -q 'second cut' err; ok 'an unknown version is said'
run project restore film.inquadra 'first cut' && run project info film.inquadra
[ $rc = 0 ] && [ "$(grep -c frames out)" = 4 ] && ! grep -q 'one too many' out; ok 'and gone back to'
run project snapshot film.inquadra 1 --rename premier && run project snapshots film.inquadra
[ $rc = 0 ] && grep -q premier out; ok 'it can be renamed'
run project snapshot film.inquadra premier --delete && run project snapshots film.inquadra
[ $rc = 0 ] && [ ! -s out ]; ok 'and deleted'
run project check film.inquadra
[ $rc = 0 ]; ok 'the board is sound after all that'

echo 'not a board' >junk.inquadra
cp junk.inquadra junk.before
for command in 'info junk.inquadra' 'check junk.inquadra' 'add-panel junk.inquadra --prompt x' 'info missing.inquadra'; do
  run project $command
  [ $rc = 1 ] && [ -s err ] && ! grep -qi 'sqlite' err; ok "refused with a reason: $command"
done
cmp -s junk.inquadra junk.before; ok 'what is not a board is left alone'
if [ -f "${INQ_TEST_LOCALEDIR:-}/it/LC_MESSAGES/inquadra.mo" ]; then
  LC_ALL=C.UTF-8 LANGUAGE=it INQ_LOCALEDIR=$INQ_TEST_LOCALEDIR "$cli" project 2>err
  grep -q 'crea uno storyboard' err; ok 'the commands speak the language of the user'
else
  skip 'the commands speak the language of the user' 'no catalogues built'
fi
run project frobnicate
[ $rc = 2 ]; ok 'an unknown command is wrong usage'
run project
[ $rc = 2 ] && grep -q add-panel err; ok 'no command lists them'
INQ_VULKAN_LOADER=/nonexistent run project render film.inquadra
[ $rc = 1 ] && grep -q mesa-vulkan-drivers err; ok 'no Vulkan names the package'
run project info film.inquadra --json
python3 -c 'import json; assert all(p["jobs_queued"] == 0 and p["jobs_failed"] == 0 for p in json.load(open("out"))["panels"])'
ok 'and queues nothing'

if "$cli" devices >out 2>err; then
  run project render film.inquadra --panel 1A --count 2 --steps 2 --seed 7
  [ $rc = 0 ]; ok 'render makes variations'
  run project pick film.inquadra 1a 2
  [ $rc = 0 ]; ok 'pick chooses one'
  run project info film.inquadra --json
  [ $rc = 0 ] && python3 - <<'PY'
import json
v = json.load(open('out'))['panels'][0]['variations']
assert [x['seed'] for x in v] == ['7', '8'], v
assert [x['picked'] for x in v] == [False, True]
assert all(len(x['model']) == 64 for x in v)
PY
  ok 'the seeds, the model and the pick are kept'
  run project render film.inquadra --panel 1A --model /nowhere.safetensors
  [ $rc = 1 ] && grep -q nowhere err; ok 'a missing model is said'
  # What the window writes when the board's own way of drawing is set.
  draw_as() { python3 -c 'import sqlite3, sys; d = sqlite3.connect("film.inquadra"); d.execute("UPDATE board SET drawing = ?", sys.argv[1:]); d.commit()' "$1"; }
  draw_as '{"sampler":"heun","steps":3,"cfg":2.5,"pixels":128}'
  run project render film.inquadra --panel 1A --count 1 --seed 9
  [ $rc = 0 ] && run project render film.inquadra --panel 1A --count 1 --seed 10 --steps 2 --cfg 3
  [ $rc = 0 ] && python3 - <<'PY'
import json, sqlite3
rows = sqlite3.connect('film.inquadra').execute('SELECT recipe FROM variation ORDER BY id DESC LIMIT 2').fetchall()
last, first = [json.loads(r[0]) for r in rows]
said = lambda r: tuple(r[k] for k in ('seed', 'sampler', 'steps', 'cfg', 'width', 'height'))
assert said(first) == (9, 'heun', 3, 2.5, 160, 96), first
assert said(last) == (10, 'heun', 2, 3, 160, 96), last
PY
  ok 'the board says how it is drawn, options say otherwise'
  draw_as '{"loras":[{"name":"no-such-lora","weight":0.8,"on":true},{"name":"off","on":false}],"steps":2}'
  run project render film.inquadra --panel 1A --count 1
  [ $rc = 1 ] && grep -q no-such-lora err && ! grep -q off err; ok "its LoRAs are the job's"
  draw_as '{}'
  run project sheet film.inquadra sheet.png --columns 2
  [ $rc = 0 ] && [ "$(head -c 4 sheet.png | tail -c 3)" = PNG ]; ok 'sheet draws them'
  run project check film.inquadra
  [ $rc = 0 ]; ok 'the board is sound after all that'
else
  for what in render pick recipe model drawing loras sheet check; do skip "$what" 'no Vulkan device'; done
fi
echo "1..$n"
exit ${bad:-0}
