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
json() { python3 -c 'import json, sys; v = json.load(open("out")); sys.exit(not eval(sys.argv[1]))' "$1"; } # EXPRESSION of v
wrong() { # DESCRIPTION COMMAND...: refused as a wrong command line, with a sentence
  local what=$1; shift; run "$@"; [ $rc = 2 ] && [ -s err ] && ! grep -q '(null)' err; ok "$what is wrong usage"
}

run project new film.inquadra --title "The <Film> & more" --rate 23.976
[ $rc = 0 ] && [ -f film.inquadra ]; ok 'new makes a board'
run project new film.inquadra --json
[ $rc = 1 ] && grep -q film.inquadra err && json 'v["error"]["domain"] == "inq-project-error-quark"'; ok 'new does not overwrite'
wrong 'a bad rate' project new x.inquadra --rate fast
for frame in 16by9 x9 16x -16x9 4294967297x9 4294969216x1080; do wrong "frame $frame" project new x.inquadra --frame $frame; done
wrong 'a sample with a title' project new x.inquadra --sample --title T
wrong 'a sample with a rate' project new x.inquadra --sample --rate 25
wrong 'a sample with a frame' project new x.inquadra --sample --frame 16x9
[ ! -e x.inquadra ]; ok 'and leaves nothing behind'
run project new tale.inquadra --sample --json
[ $rc = 0 ] && json 'v == {"path": "tale.inquadra"}'; ok 'new says where as JSON'
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
for length in '--seconds -4' '--seconds 0' '--seconds inf' '--seconds nan' '--seconds 1e300' '--seconds 2s' '--frames -4' '--frames 0' '--frames 2.5' '--frames 1e12'; do
  wrong "$length" project add-panel film.inquadra --prompt x $length
done
run project add-panel film.inquadra --prompt x --frames -4 --json
[ $rc = 2 ] && json '"--frames" in v["error"]["message"]'; ok 'what is wrong is said as JSON'
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
run project pick film.inquadra 1A 1 --json
[ $rc = 1 ] && json '"no number 1" in v["error"]["message"]'; ok 'which is said as JSON'
run project pick film.inquadra 1a 0 --json
[ $rc = 0 ] && json 'v == {"number": "1A", "picked": 0}'; ok 'no pick is one'
for pick in one '' 1x -1; do wrong "to pick \"$pick\"" project pick film.inquadra 1A -- "$pick"; done

run project snapshot film.inquadra 'first cut' --json
[ $rc = 0 ] && json 'v == {"version": "first cut"}'; ok 'a version is saved'
run project add-panel film.inquadra --prompt 'one too many' --json
[ $rc = 0 ] && json 'v == {"number": "1A-4"}'; ok 'add-panel says the number as JSON'
run project snapshots film.inquadra --json
[ $rc = 0 ] && python3 -c '
import json
v = json.load(open("out"))
assert [(x["name"], x["panels"], x["total_frames"], x["rate_num"]) for x in v] == [("first cut", 3, 130, 24000)], v
assert v[0]["created"].endswith("Z")'
ok 'and listed'
run project restore film.inquadra 'second cut' --json
[ $rc = 1 ] && grep -q 'second cut' err && json '"second cut" in v["error"]["message"]'; ok 'an unknown version is said'
run project restore film.inquadra 'first cut' --json
[ $rc = 0 ] && json 'v == {"version": "first cut"}'; ok 'restore says the version as JSON'
run project info film.inquadra
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
run project info missing.inquadra --json
[ $rc = 1 ] && json '"missing.inquadra" in v["error"]["message"]'; ok 'a missing board is said as JSON'

# A sheet is a picture: it takes no other file's place, and none until it is whole.
run project sheet film.inquadra sheet.png --columns 2
[ $rc = 0 ] && [ "$(head -c 4 sheet.png | tail -c 3)" = PNG ]; ok 'sheet draws the panels'
cp film.inquadra keep; cp film.inquadra board.png; ln -s board.png other.png
wrong 'a sheet over the board' project sheet film.inquadra film.inquadra
wrong 'a sheet without .png' project sheet film.inquadra sheet
wrong 'a sheet over a board named like a picture' project sheet board.png board.png
wrong 'a sheet over the board by another name' project sheet board.png other.png
cmp -s film.inquadra keep && cmp -s board.png keep; ok 'the board is as it was'
run project sheet film.inquadra nowhere/sheet.png --json
[ $rc = 1 ] && json '"nowhere/sheet.png" in v["error"]["message"]'; ok 'a missing folder is said as JSON'
rm board.png other.png keep

run project frobnicate
[ $rc = 2 ]; ok 'an unknown command is wrong usage'
run project
[ $rc = 2 ] && grep -q add-panel err; ok 'no command lists them'
for help in -h --help; do run project $help; [ $rc = 0 ] && grep -q add-panel out && [ ! -s err ]; ok "$help lists them too"; done
INQ_VULKAN_LOADER=/nonexistent run project render film.inquadra --json
[ $rc = 1 ] && grep -q mesa-vulkan-drivers err && json '"mesa-vulkan-drivers" in v["error"]["message"]'; ok 'no Vulkan names the package'
run project info film.inquadra --json
python3 -c 'import json; assert all(p["jobs_queued"] == 0 and p["jobs_failed"] == 0 for p in json.load(open("out"))["panels"])'
ok 'and queues nothing'
INQ_VULKAN_LOADER=/nonexistent run demo demo --json
[ $rc = 1 ] && json '"mesa-vulkan-drivers" in v["error"]["message"]' && [ -f demo/sample.inquadra ]; ok 'the demonstration says so too'

if "$cli" devices >out 2>err; then
  run project render film.inquadra --panel 1A --count 2 --steps 2 --seed 7 --json
  [ $rc = 0 ] && json 'v == {"failed": 0}'; ok 'render makes variations'
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
  run project render film.inquadra --panel 1A --count 1 --json
  [ $rc = 1 ] && json 'v == {"failed": 1}' && grep -q no-such-lora err && ! grep -q off err; ok "its LoRAs are the job's"
  draw_as '{}'
  run project sheet film.inquadra sheet.png --json
  [ $rc = 0 ] && [ "$(head -c 4 sheet.png | tail -c 3)" = PNG ] && json 'v == {"path": "sheet.png"}'; ok 'sheet draws them'
  run project check film.inquadra
  [ $rc = 0 ]; ok 'the board is sound after all that'
else
  for what in render pick recipe model drawing loras sheet check; do skip "$what" 'no Vulkan device'; done
fi
echo "1..$n"
exit ${bad:-0}
