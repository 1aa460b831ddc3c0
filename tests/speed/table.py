#!/usr/bin/env python3
"""table.py [TITLE=]BENCH.json ... [--torch TORCH.json]: the tables of docs/performance.md from what `inquadra-cli bench
--json` and bench-torch.py wrote; the shape is taken from the file's name (sd15..., sdxl...).
SPDX-License-Identifier: GPL-3.0-or-later"""
import json
import os
import sys


def stage_rows(bench):
    for row in bench['rows']:
        if row['label'] == 'total':
            yield row


def main():
    files, torch = [], {}
    args = sys.argv[1:]
    while args:
        arg = args.pop(0)
        if arg == '--torch':
            torch = json.load(open(args.pop(0)))
        else:
            files.append(arg)
    if not files:
        sys.exit(__doc__)
    for arg in files:
        title, _, path = arg.rpartition('=')
        name = os.path.basename(path)
        bench = json.load(open(path))
        theirs = torch.get(name[:4], {}).get('ms_per_step')
        print(f"\n### {title or name.removesuffix('.json')}\n")
        print(f"{bench['device']} ({bench['driver']}); {bench['memory_peak'] / 1e9:.2f} GB of device memory at most; "
              f"measured peak {bench.get('peak_gflop_per_s', 0) / 1000:.1f} TFLOP/s.\n")
        print('| stage | ms | TFLOP/s | share of peak | PyTorch, ms |\n|---|---|---|---|---|')
        for row in stage_rows(bench):
            other = f'{theirs:.2f}' if theirs and row['stage'] == 'unet' else ''
            print(f"| {row['stage']} | {row['ms']:.2f} | {row['gflop_per_s'] / 1000:.2f} | {row.get('share', 0):.0%} | {other} |")
        for row in bench['rows']:
            if row['stage'] == 'device':
                blas = torch.get('gemm', {})
                same = blas and row['label'] == 'linear:{0}x{0}x{0}'.format(blas['n'])
                other = f" (PyTorch {blas['gflop_per_s'] / 1000:.1f})" if same else ''
                print(f"\nproduct {row['label'][7:]}: {row['gflop_per_s'] / 1000:.2f} TFLOP/s{other}")
        print('\n| dearest operations | calls | ms | TFLOP/s | share of peak |\n|---|---|---|---|---|')
        ops = [r for r in bench['rows'] if r['label'] != 'total' and r['stage'] == 'unet']
        for row in sorted(ops, key=lambda r: -r['ms'])[:15]:
            print(f"| {row['label']} | {row['calls']} | {row['ms']:.3f} | {row['gflop_per_s'] / 1000:.2f} | {row.get('share', 0):.0%} |")


main()
