#!/bin/sh
# Inquadra - the house model on a GPU lent for minutes: what a sitting made is in OUT at its end, and the next one may be on another machine
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   gpu.sh teacher OUT   draws PANELS while the autoencoder trains, encodes them, trains the UNet; OUT gets ae.pt, tokenizer and teacher/
#   gpu.sh student OUT   distils; where runs/ is gone, from what FROM (an OUT of before) holds and panels drawn anew. OUT gets student/
#   gpu.sh judge OUT     trains the judge and says how well FROM's teacher and student obey: OUT gets *.json and contact sheets
#
# On an H100 with 16 cores each fits ten minutes as it stands. AE, FLOW, DISTIL, JUDGE: minutes. The vocabulary is made beforehand
# (vocab.py and words.py: half a minute) and given in TOKENIZER or FROM. Machines without pycairo need one built for them.
set -eu
what=${1:?usage: gpu.sh teacher|student|judge OUT} out=$(mkdir -p "${2:?usage: gpu.sh teacher|student|judge OUT}" && cd "$2" && pwd)
from=${FROM:+$(cd "$FROM" && pwd)}
cd "$(dirname "$0")"
python=${PYTHON:-python3} runs=${INQ_RUNS:-runs}
say() { echo "$(date +%T) $*"; }
mkdir -p "$runs"
[ -e "$runs/tokenizer/merges.txt" ] || cp -r "${TOKENIZER:-$from/tokenizer}" "$runs/tokenizer"
[ -e "$runs/ae.pt" ] || [ -z "$from" ] || cp "$from/ae.pt" "$runs/ae.pt"
mkdir -p "$out/tokenizer" && cp "$runs/tokenizer/"* "$out/tokenizer/"

panels() { # draws beside the autoencoder's training, which needs the first 64 shards; then encodes
  "$python" shards.py --panels "${PANELS:-200000}" > "$runs/draw.log" 2>&1 &
  draw=$!
  while [ "$(find "$runs/shards" -name '*.npz' 2>/dev/null | grep -vc part)" -lt 64 ] && kill -0 $draw 2>/dev/null; do sleep 1; done
  say autoencoder
  "$python" train_ae.py --minutes "${AE:-2}" --batch 192 --panels 16000 | tail -2
  cp "$runs/ae.pt" "$out/"
  wait $draw
  tail -1 "$runs/draw.log"
  say latents
  "$python" latents.py | tail -1
}

case $what in
  teacher)
    panels
    say flow
    "$python" train.py --minutes "${FLOW:-5}" --batch 512 --lr 1.5e-3 ${from:+--from-weights "$from/teacher"} | awk 'NR % 5 == 0'
    "$python" export.py --from flow --version "${VERSION:-2}" --out "$out/teacher/model.safetensors"
    ;;
  student)
    [ -d "$runs/latents" ] || PANELS=${PANELS:-100000} panels
    say distil
    "$python" train.py --distil "${GUIDANCE:-3}" --calls "${CALLS:-4}" --minutes "${DISTIL:-5}" --batch 384 --lr 4e-4 ${from:+--from-weights "$from/teacher"} |
      awk 'NR % 3 == 0'
    "$python" export.py --from distil --version "${VERSION:-2}" --out "$out/student/model.safetensors"
    ;;
  judge)
    [ -d "$runs/shards" ] || "$python" shards.py --panels "${PANELS:-100000}" | tail -1
    "$python" classifier.py --minutes "${JUDGE:-4}" --panels 100000 --batch 256 | tail -2
    for m in teacher student; do
      [ ! -e "${from:-$out}/$m/model.safetensors" ] ||
        "$python" evaluate.py --model "${from:-$out}/$m/model.safetensors" --panels 480 --sheet "$out/$m.png" --json "$out/$m.json" | head -40
    done
    ;;
  *) echo "gpu.sh: teacher, student or judge" >&2; exit 2 ;;
esac
say done
