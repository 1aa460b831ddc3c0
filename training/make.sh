#!/bin/sh
# Inquadra - makes the house model from nothing: vocabulary, autoencoder, latents, UNet, distillation, export, figures
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every stage resumes from training/runs, so run it again after an interruption. Needs numpy, torch, cairo, Pillow:
#   apt-get install python3-torch python3-numpy python3-cairo python3-pil
# PYTHON=... uses another interpreter (a torch >= 2 uses bf16 where the processor has it, four times as fast);
# MINUTES=... is the UNet's training time, GUIDANCE=... what is folded into one call, STEPS=... the recommended steps.
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-/usr/bin/python3}
MINUTES=${MINUTES:-75}
GUIDANCE=${GUIDANCE:-3}
STEPS=${STEPS:-10}
"$PYTHON" vocab.py --check || "$PYTHON" vocab.py
"$PYTHON" train_ae.py --minutes 10
"$PYTHON" latents.py --panels "${PANELS:-48000}"
"$PYTHON" train.py --minutes "$MINUTES"
"$PYTHON" train.py --distil "$GUIDANCE" --minutes 10 --lr 3e-4
"$PYTHON" export.py --steps "$STEPS"
"$PYTHON" expect.py
"$PYTHON" classifier.py --minutes 7
"$PYTHON" evaluate.py --sheet ../docs/house-contact-sheet.png --json ../data/models/house/figures.json
