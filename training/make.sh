#!/bin/sh
# Inquadra - makes the house model from nothing: vocabulary, autoencoder, latents, UNet, distillation, export, figures
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every stage resumes from training/runs, so run it again after an interruption. Needs numpy, torch, cairo, Pillow:
#   apt-get install python3-torch python3-numpy python3-cairo python3-pil
# PYTHON=... uses another interpreter (a torch >= 2 uses bf16 where the processor has it, four times as fast);
# MINUTES=... is the UNet's training time, CFG and STEPS what the file recommends. DISTIL=3 folds guidance of 3 into a
# student that needs one call a step instead of two (the first release does without: its training time was short).
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-/usr/bin/python3}
MINUTES=${MINUTES:-75}
CFG=${CFG:-3}
STEPS=${STEPS:-10}
"$PYTHON" vocab.py --check || "$PYTHON" vocab.py
"$PYTHON" words.py
"$PYTHON" train_ae.py --minutes 10
"$PYTHON" latents.py --panels "${PANELS:-48000}"
"$PYTHON" train.py --minutes "$MINUTES"
if [ -n "${DISTIL:-}" ]; then
  "$PYTHON" train.py --distil "$DISTIL" --minutes 15 --lr 4e-4
  CFG=1
fi
"$PYTHON" export.py --steps "$STEPS" --cfg "$CFG"
"$PYTHON" expect.py
"$PYTHON" classifier.py
"$PYTHON" evaluate.py --sheet ../docs/house-contact-sheet.png --json ../data/models/house/figures.json
