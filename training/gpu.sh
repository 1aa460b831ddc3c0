#!/bin/sh
# Inquadra - the house model on a GPU lent for minutes: three sittings, each on a machine that may be bare and may be taken away
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   gpu.sh teacher OUT   draws panels while the autoencoder trains, encodes them, trains the UNet until the time is up
#   gpu.sh student OUT   trains the UNet on, then distils it; where runs/ is gone, from FROM and panels drawn anew
#   gpu.sh judge OUT     trains the judge and says how well FROM's teacher and student obey
#   gpu.sh unpack OUT TO the pieces of a sitting back into a folder
#
# OUT gets out.tgz.aa, .ab, ... of 15 MiB: ae.pt, tokenizer/, teacher/, student/, figures and contact sheets, logs. They are written
# anew after every stage and every few minutes within one, so what a cut leaves behind is of use. FROM is the OUT of the sitting before, or
# its pieces unpacked. On SIGTERM the stage at hand ends, and what it made is exported.
#
# Everything ends LIMIT seconds (570) after the start: the UNet, the distillation and the judge take what the rest leaves them. PANELS to draw
# (200000; a bare student 120000, a bare judge 60000), AE: minutes of the autoencoder (2), SHARE: of a student's time that the UNet
# is trained on, in percent (45), EVAL: seconds kept for the figures (170), MARGIN: seconds kept for the last export (25). On an H100 with 16
# cores these fit. The vocabulary is made beforehand (vocab.py, words.py: half a minute) and given in TOKENIZER or FROM.
set -eu
usage="usage: gpu.sh teacher|student|judge OUT, gpu.sh unpack OUT TO"
what=${1:?$usage} start=$(date +%s)
unpack() { # FOLDER TO: FOLDER's files, or what its pieces hold
  mkdir -p "$2"
  if [ -e "$1/out.tgz.aa" ]; then cat "$1"/out.tgz.* | tar xzf - -C "$2"; else cp -r "$1/." "$2/"; fi
}
[ "$what" != unpack ] || { unpack "${2:?$usage}" "${3:?$usage}"; exit 0; }
mkdir -p "${2:?$usage}"
out=$(cd "$2" && pwd)
[ -z "${FROM:-}" ] || FROM=$(cd "$FROM" && pwd)
[ -z "${TOKENIZER:-}" ] || TOKENIZER=$(cd "$TOKENIZER" && pwd)
cd "$(dirname "$0")"
python=${PYTHON:-python3}
export INQ_RUNS="${INQ_RUNS:-$PWD/runs}" PYTHONUNBUFFERED=1
runs=$INQ_RUNS keep=$INQ_RUNS/keep limit=${LIMIT:-570} margin=${MARGIN:-25} cut='' child='' keeper='' draw='' from=''
say() { echo "$(date +%T) +$(($(date +%s) - start))s $*"; }
left() { echo $((start + limit - $(date +%s) - ${1:-0})); } # seconds, less those kept for what follows
trap 'cut=1; say cut short; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true' TERM INT

run() { # a stage in the background, so that a signal reaches it at once
  "$python" "$@" &
  child=$!
  code=0
  wait "$child" || code=$?
  if [ -n "$cut" ]; then code=0; wait "$child" || code=$?; fi # the first wait was broken off by the signal
  child=''
  [ "$code" = 0 ] || say "$1 ended with $code"
  return "$code"
}

pack() { # what is kept so far, in pieces that a bounded transfer takes; the old pieces stand until the new are whole
  (
    flock 9
    cp "$runs"/*.log "$keep/" 2>/dev/null || true
    rm -rf "$runs/pieces" && mkdir -p "$runs/pieces"
    tar czf - -C "$keep" . | split -b 15M - "$runs/pieces/out.tgz."
    rm -f "$out"/out.tgz.* && mv "$runs"/pieces/* "$out/"
  ) 9> "$runs/pack.lock"
}

exported() { # NAME STATE TAG: the moving average of runs/STATE.pt as NAME/, beside the vocabulary; TAG keeps two of these apart
  part=$runs/$1.$3.part
  rm -rf "$part" && mkdir -p "$part" && "$python" export.py --from "$2" --version "${VERSION:-2}" --out "$part/model.safetensors" &&
    (flock 9 && rm -rf "${keep:?}/$1" && mv "$part" "$keep/$1") 9> "$runs/pack.lock"
}

keeping() { # NAME STATE: exports and packs whenever the stage has saved
  touch "$runs/kept"
  while sleep 5; do
    [ -n "$(find "$runs/$2.pt" -newer "$runs/kept" 2>/dev/null)" ] || continue
    touch "$runs/kept"
    exported "$1" "$2" meanwhile > /dev/null && pack && say "kept $1"
  done
}

stop() { [ -z "$1" ] || { kill "$1" 2>/dev/null; wait "$1" 2>/dev/null; } || true; }

trained() { # NAME STATE SECONDS arguments...: train.py for so long, its result kept while and after it runs
  name=$1 state=$2 seconds=$3
  shift 3
  [ "$seconds" -ge "${LEAST:-20}" ] || { say "no time left for $state"; return 0; }
  say "$state for $seconds s"
  keeping "$name" "$state" &
  keeper=$!
  INQ_UNTIL=$(($(date +%s) + seconds)) run train.py --minutes 999 "$@" || true
  stop "$keeper"
  keeper=''
  exported "$name" "$state" last && pack
}

drawn() { # PANELS SECONDS: draws them in the background; what is there after so long must do
  INQ_UNTIL=$(($(date +%s) + $2)) "$python" shards.py --panels "$1" > "$runs/draw.log" 2>&1 &
  draw=$!
}

shards() { find "$runs/shards" -name '*.npz' 2>/dev/null | grep -vc part || true; }

all_drawn() {
  while kill -0 "$draw" 2>/dev/null && [ -z "$cut" ]; do sleep 1; done
  stop "$draw"
  draw=''
  say "$(shards) shards of 256 panels drawn"
}

mkdir -p "$keep"
if [ -n "${FROM:-}" ]; then
  from=$runs/from
  rm -rf "$from" && unpack "$FROM" "$from"
  # the judge's results go without the weights it was given
  [ "$what" = judge ] || for f in ae.pt text.pt teacher student; do [ ! -e "$from/$f" ] || [ -e "$keep/$f" ] || cp -r "$from/$f" "$keep/"; done
fi
[ -e "$runs/tokenizer/merges.txt" ] || cp -r "${TOKENIZER:-$from/tokenizer}" "$runs/tokenizer"
mkdir -p "$keep/tokenizer" && cp "$runs/tokenizer/"* "$keep/tokenizer/"
for f in ae.pt text.pt; do [ -e "$runs/$f" ] || [ ! -e "$keep/$f" ] || cp "$keep/$f" "$runs/$f"; done
weights='' compile=''
"$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null && compile=--compile || true
[ ! -e "$keep/teacher/model.safetensors" ] || weights="--from-weights $keep/teacher"
say "$what: $limit s, results in $out"

# weights is two words, compile none or one
# shellcheck disable=SC2086
case $what in
  teacher)
    drawn "${PANELS:-200000}" $((limit * 4 / 10))
    while [ "$(shards)" -lt "${FIRST:-64}" ] && kill -0 "$draw" 2>/dev/null; do sleep 1; done
    say autoencoder
    run train_ae.py --minutes "${AE:-2}" --batch "${AE_BATCH:-192}" --panels 16000
    # without weights to go on from, whose tower is taught
    [ -n "$weights" ] || run train_text.py --minutes "${TEXT:-0.7}"
    cp "$runs/ae.pt" "$keep/" && { [ ! -e "$runs/text.pt" ] || cp "$runs/text.pt" "$keep/"; } && pack
    all_drawn
    say latents
    [ -n "$cut" ] || run latents.py
    [ -n "$cut" ] || trained teacher flow "$(left "$margin")" --batch "${BATCH:-512}" --lr 1.5e-3 $compile $weights
    ;;
  student)
    if [ ! -d "$runs/latents" ]; then
      drawn "${PANELS:-120000}" $((limit * 3 / 10))
      all_drawn
      say latents
      [ -n "$cut" ] || run latents.py
    fi
    [ -n "$cut" ] || trained teacher flow $(($(left "$margin") * ${SHARE:-45} / 100)) --batch "${BATCH:-512}" --lr 1e-3 $compile $weights
    [ -n "$cut" ] || trained student distil "$(left "$margin")" --distil "${GUIDANCE:-3}" --perturb middle $compile --calls "${CALLS:-4}" --batch "${DISTIL_BATCH:-384}" --lr 4e-4 --from-weights "$keep/teacher"
    ;;
  judge)
    if [ "$(shards)" -lt "${FIRST:-64}" ]; then
      drawn "${PANELS:-60000}" $((limit * 3 / 10))
      all_drawn
    fi
    say judge
    [ -n "$cut" ] || INQ_UNTIL=$(($(date +%s) + $(left "${EVAL:-170}"))) run classifier.py --minutes 999 --panels "${JUDGE_PANELS:-100000}" --batch "${JUDGE_BATCH:-256}" || true
    cp "$runs/classifier.pt" "$keep/" 2>/dev/null && pack
    for m in student teacher; do
      [ -d "$from/$m" ] && at=$from/$m || at=$keep/$m
      if [ -e "$at/model.safetensors" ] && [ -z "$cut" ]; then
        say "figures of the $m"
        run evaluate.py --model "$at/model.safetensors" --panels "${EVAL_PANELS:-480}" --variations "${VARIATIONS:-24}" --bank "${BANK:-8000}" --sheet "$keep/$m.png" --json "$keep/$m.json" || true
        pack
      fi
    done
    ;;
  *) echo "$usage" >&2; exit 2 ;;
esac
stop "$draw"
[ "$what" != judge ] || rm -rf "$keep/ae.pt" "$keep/text.pt" "$keep/teacher" "$keep/student"
pack
say "done: $(cd "$out" && echo out.tgz.*), $(du -sk "$out" | cut -f1) KiB"
