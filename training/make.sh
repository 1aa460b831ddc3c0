#!/bin/sh
# Inquadra - makes the house model from nothing: vocabulary, panels, autoencoder, latents, UNet, distillation, reward, export, figures
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every stage resumes from training/runs, so run it again after an interruption. Needs numpy, torch, cairo, Pillow:
#   apt-get install python3-torch python3-numpy python3-cairo python3-pil
# PYTHON=... uses another interpreter (a torch >= 2 uses bf16 where the processor has it, four times as fast).
#
#   ./make.sh draw     what needs no GPU: vocabulary and PANELS (200,000) panels in runs/shards. Do this before a GPU is at hand.
#   ./make.sh train    the rest. Minutes per stage: AE, TEXT, EYE, SMALL, FLOW, GUIDE, DISTIL, READER, REWARD, SHARPEN, JUDGE; on a GPU the defaults fill half an hour.
#   ./make.sh          both
#   SMOKE=1 ./make.sh  all of it at a tiny scale (two minutes of processor time), into a scratch folder; data/ and docs/ stay as they are
#
# KEEP=FOLDER copies what each stage made there as soon as it is made, for machines that may be taken away: the autoencoder, then the
# teacher and the student as exported. Give its ae.pt back to runs/ and its teacher as FROM to go on from there.
# FROM=../data/models/house starts from an exported model where shapes match. GUIDANCE is folded into the student, which needs
# CALLS calls; for REWARD minutes it is taught by a reader what was asked (on a GPU one whose eyes learn, too), for SHARPEN
# minutes the decoder to draw clean strokes from it. Without DISTIL minutes (DISTIL=0) the teacher itself is exported, with guidance and, after GUIDE minutes, the network that guides.
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-/usr/bin/python3}
what=${1:-all}
gpu=$("$PYTHON" -c 'import torch; print(int(torch.cuda.is_available()))' 2>/dev/null || echo 0)
if [ -n "${SMOKE:-}" ]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  export INQ_RUNS="$scratch/runs" INQ_MODEL_DIR="$scratch/model" INQ_TESTS_DIR="$scratch/tests"
  export INQ_THREADS="${INQ_THREADS:-1}"
  PANELS=256 AE=0.3 TEXT=0.2 EYE=0.2 SMALL=0.2 FLOW=0.3 GUIDE=0.2 DISTIL=0.3 READER=0.2 REWARD=0.2 SHARPEN=0.2 JUDGE=0.2 JUDGE_PANELS=256 WORDS=3000 GUIDE_BATCH=8 REWARD_BATCH=4
  batches="8 8 8" EVAL="--panels 6 --variations 2 --bank 256" sheet="$scratch/sheet.png" figures="$scratch/figures.json"
elif [ "$gpu" = 1 ]; then
  batches="192 512 384" sheet=../docs/house-contact-sheet.png figures=../data/models/house/figures.json
else
  batches="24 32 32" sheet=../docs/house-contact-sheet.png figures=../data/models/house/figures.json
fi
from=${FROM:+--from-weights $FROM}
few= fused= # what to learn first where only some hundred thousand panels can be shown
learn=
if [ "$gpu" = 1 ]; then fused=--compile learn="--learn --panels 200000 --batch 256" taught=128 sharpened=32; else few="--wide 3 --common 4" taught=32 sharpened=8; fi
if [ "$gpu" = 1 ]; then
  PANELS=${PANELS:-300000} AE=${AE:-2.5} TEXT=${TEXT:-1} EYE=${EYE:-0} SMALL=${SMALL:-0} FLOW=${FLOW:-7} GUIDE=${GUIDE:-0} DISTIL=${DISTIL:-3} READER=${READER:-3} REWARD=${REWARD:-5} SHARPEN=${SHARPEN:-1.5} JUDGE=${JUDGE:-1} JUDGE_PANELS=${JUDGE_PANELS:-100000} judge=256
else
  # Drawn before a GPU is at hand, panels are for its half an hour; for the CPU stages fewer do.
  [ "$what" != draw ] || PANELS=${PANELS:-200000}
  PANELS=${PANELS:-48000} AE=${AE:-15} TEXT=${TEXT:-10} EYE=${EYE:-6} SMALL=${SMALL:-60} FLOW=${FLOW:-120} GUIDE=${GUIDE:-0} DISTIL=${DISTIL:-15} READER=${READER:-9} REWARD=${REWARD:-60} SHARPEN=${SHARPEN:-20} JUDGE=${JUDGE:-12} JUDGE_PANELS=${JUDGE_PANELS:-16000} judge=64
fi
keep() { # FILE NAME
  [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp -r "$1" "$KEEP/$2"; }
}
GUIDANCE=${GUIDANCE:-3} CALLS=${CALLS:-4} runs=${INQ_RUNS:-runs}
# word lists of numbers and flags are split on purpose
# shellcheck disable=SC2086
set -- $batches

if [ "$what" = all ] || [ "$what" = draw ]; then
  "$PYTHON" vocab.py --check 2>/dev/null || "$PYTHON" vocab.py --captions "${WORDS:-100000}"
  "$PYTHON" words.py --captions "${WORDS:-60000}"
  "$PYTHON" shards.py --panels "$PANELS"
fi
[ "$what" = draw ] && exit 0
# shellcheck disable=SC2086
{
  "$PYTHON" train_ae.py --minutes "$AE" --batch "$1" --panels "$([ "$gpu" = 1 ] && echo 16000 || echo 5000)" $from
  keep "$runs/ae.pt" ae.pt
  keep "$runs/tokenizer" tokenizer
  "$PYTHON" train_text.py --minutes "$TEXT"
  if [ "$SMALL" != 0 ]; then
    "$PYTHON" latents.py --small
    [ "$EYE" = 0 ] || "$PYTHON" train_eye.py --minutes "$EYE" --batch "$2"
    "$PYTHON" train.py --small --hold 0.95 --minutes "$SMALL" --batch "$2" $few $from
  fi
  "$PYTHON" latents.py
  [ "$EYE" = 0 ] || "$PYTHON" train_eye.py --minutes "$EYE" --batch "$2"
  "$PYTHON" train.py --minutes "$(awk "BEGIN { print $SMALL + $FLOW }")" --batch "$2" $fused $few $from
  [ "$GUIDE" = 0 ] || "$PYTHON" train.py --guide --minutes "$GUIDE" --seen 45000 --batch "${GUIDE_BATCH:-48}"
  [ -z "${KEEP:-}" ] || "$PYTHON" export.py --from flow --version "${VERSION:-2}" --out "$KEEP/teacher/model.safetensors"
  if [ "$DISTIL" != 0 ]; then
    "$PYTHON" train.py --distil "$GUIDANCE" --perturb middle $fused --calls "$CALLS" --minutes "$DISTIL" --batch "$3" --lr 4e-4
    if [ "$REWARD" != 0 ]; then
      for w in flow distil; do mkdir -p "$runs/$w" && "$PYTHON" export.py --from $w --version "${VERSION:-2}" --out "$runs/$w/model.safetensors"; done
      "$PYTHON" reader.py --eyes "$runs/flow/model.safetensors" --minutes "$READER" --to reader.pt $learn
      "$PYTHON" reward.py --minutes "$REWARD" --batch "${REWARD_BATCH:-$taught}" --calls "$CALLS" --from-weights "$runs/distil"
    fi
  fi
  if [ "$SHARPEN" != 0 ]; then
    mkdir -p "$runs/soft" && "$PYTHON" export.py --version "${VERSION:-2}" --out "$runs/soft/model.safetensors"
    "$PYTHON" sharpen.py --minutes "$SHARPEN" --batch "${REWARD_BATCH:-$sharpened}" --from-weights "$runs/soft"
  fi
  "$PYTHON" export.py --version "${VERSION:-2}"
  keep "${INQ_MODEL_DIR:-../data/models/house}" model
  "$PYTHON" expect.py
  "$PYTHON" classifier.py --minutes "$JUDGE" --panels "$JUDGE_PANELS" --batch "$judge"
  "$PYTHON" evaluate.py ${EVAL:-} --sheet "$sheet" --json "$figures"
}
