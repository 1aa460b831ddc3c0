#!/usr/bin/env python3
"""embed.py NAME IN.spv OUT.h: SPIR-V as a C array, in the form glslangValidator --vn writes.
SPDX-License-Identifier: GPL-3.0-or-later"""
import struct
import sys

name, source, target = sys.argv[1:]
data = open(source, 'rb').read()
words = struct.unpack('<%dI' % (len(data) // 4), data)
with open(target, 'w') as out:
    out.write('const uint32_t %s[] = {\n' % name)
    for i in range(0, len(words), 8):
        out.write('  ' + ' '.join('0x%08x,' % w for w in words[i:i + 8]) + '\n')
    out.write('};\n')
