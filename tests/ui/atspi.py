# Inquadra - the window from outside: what a screen reader finds, and the path from a prompt to a pick by keyboard alone.
# SPDX-License-Identifier: GPL-3.0-or-later
import glob
import json
import os
import subprocess
import sys
import time
import traceback

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

program, cli, folder = sys.argv[1:4]
LONG_WHILE = 600  # seconds; never waited for when all is well
number = 0
bad = 0


def ok(good, what, details=()):
    global number, bad
    number += 1
    print(('ok' if good else 'not ok'), number, '-', what, flush=True)
    if not good:
        bad = 1
        for line in details:
            print('#', line, flush=True)


def skip(what, why):
    global number
    number += 1
    print('ok', number, '-', what, '# SKIP', why, flush=True)


def wait(condition, what):
    end = time.monotonic() + LONG_WHILE
    while time.monotonic() < end and app_process.poll() is None:
        try:
            result = condition()
        except GLib.Error:  # the object went away between two questions
            result = None
        if result:
            return result
        time.sleep(0.2)  # between two looks, so that the program gets its turn
    ended = app_process.poll()
    print('# waited in vain:', what, '' if ended is None else f'(the application ended, status {ended})', flush=True)
    return None


def children(node):
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child is not None:
            yield child


def walk(node):
    yield node
    for child in children(node):
        yield from walk(child)


def has(node, state):
    return node.get_state_set().contains(state)


def application():
    return next((a for a in children(Atspi.get_desktop(0)) if a.get_name() == 'inquadra'), None)


def find(app, role, name):
    for node in walk(app):
        try:
            if node.get_role_name() == role and name(node.get_name()):
                return node
        except GLib.Error:
            continue
    return None


def focused(app):
    return next((n for n in walk(app) if has(n, Atspi.StateType.FOCUSED)), None)


def press(keyval, *modifiers):
    for m in modifiers:
        Atspi.generate_keyboard_event(keycode(m), None, Atspi.KeySynthType.PRESS)
    Atspi.generate_keyboard_event(keyval, None, Atspi.KeySynthType.SYM)
    for m in reversed(modifiers):
        Atspi.generate_keyboard_event(keycode(m), None, Atspi.KeySynthType.RELEASE)


def keycode(name):
    return {'Control': 37}[name]  # the X server's own keyboard


RETURN = 0xff0d
NAMELESS_ROLES = ('scroll pane', 'frame', 'unknown')
TYPE_PREFIXES = ('Gtk', 'Adw', 'Inq')

# A file and not a pipe, which the application would block on once it is full.
messages = os.path.join(folder, 'messages')
app_process = subprocess.Popen([program, '--new'], stdout=subprocess.DEVNULL, stderr=open(messages, 'wb'))
try:
    app = wait(application, 'the application on the accessibility bus')
    ok(app is not None, 'the application is on the accessibility bus')
    if app is None:
        raise SystemExit
    ok(wait(lambda: find(app, 'push button', lambda n: n == 'Undo'), 'the editor'), 'the editor is there')

    nameless, roleless, n = [], [], 0
    for node in walk(app):
        if not has(node, Atspi.StateType.FOCUSABLE):
            continue
        role, name = node.get_role_name(), node.get_name()
        if role == 'scroll pane':  # takes the focus only to be scrolled by keys
            continue
        n += 1
        # An expander of GTK 4.8 keeps its name to itself; its title inside is what is read then.
        if role == 'push button' and name == 'GtkExpander':
            name = next((c.get_name() for c in walk(node) if c.get_role_name() == 'label'), '')
        if not name or name.startswith(TYPE_PREFIXES):
            nameless.append(f'{role} "{name}" ({node.get_description()}) in {node.get_parent().get_name()}')
        if role in NAMELESS_ROLES or role == 'filler' or role == 'panel':
            roleless.append(f'{role} "{name}"')
    ok(n > 40 and not nameless, f'all {n} things that take the focus have a name', nameless)
    ok(not roleless, 'and a role', roleless)

    # A key goes to the window that has the focus.
    ok(wait(lambda: next((w for w in children(app) if has(w, Atspi.StateType.ACTIVE)), None), 'the focus'), 'the window has the focus')

    # N: a panel, and the focus is where one writes.
    board = (wait(lambda: glob.glob(os.path.join(folder, '**', '*.inquadra'), recursive=True), 'the file') or ['no file'])[0]
    press(ord('n'))
    prompt = wait(lambda: (lambda f: f if f is not None and f.get_name() == 'What is in the shot' else None)(focused(app)),
                  'the focus in the prompt')
    ok(prompt is not None and prompt.get_role_name() == 'text', 'N makes a panel and goes to its prompt')
    words = 'two people walk'
    for letter in words:
        press(ord(letter))
    typed = wait(lambda: prompt is not None and Atspi.Text.get_text(prompt, 0, -1) == words, 'the words')
    ok(bool(typed), 'what is typed stands there', [repr(Atspi.Text.get_text(prompt, 0, -1)) if prompt else 'no text'])

    devices = subprocess.run([cli, 'devices'], capture_output=True)
    if devices.returncode != 0:
        for what in ('Ctrl+Enter queues a job', 'variations are drawn', '1 picks one'):
            skip(what, 'no Vulkan device')
    else:
        spin = find(app, 'spin button', lambda n: n == 'Variations at a time')
        Atspi.Value.set_current_value(spin, 1)
        press(RETURN, 'Control')
        # A fast device has drawn it before anybody looks.
        ok(wait(lambda: find(app, 'push button', lambda n: n.startswith('Queue: ') and 'nothing' not in n)
                or find(app, 'table cell', lambda n: n == 'Variation 1'), 'a job'), 'Ctrl+Enter queues a job')
        cell = wait(lambda: find(app, 'table cell', lambda n: n == 'Variation 1'), 'a variation')
        ok(cell is not None, 'variations are drawn and can be found')
        press(ord('1'))
        picked = wait(lambda: find(app, 'table cell', lambda n: n == 'Variation 1, picked'), 'the pick')
        ok(picked is not None, '1 picks the first, and the picture says so')

    press(ord('q'), 'Control')
    end = time.monotonic() + LONG_WHILE
    while app_process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    ok(app_process.poll() == 0, 'Ctrl+Q ends it')
    info = subprocess.run([cli, 'project', 'info', board, '--json'], capture_output=True, text=True)
    panels = json.loads(info.stdout)['panels'] if info.returncode == 0 else []
    ok(len(panels) == 1 and panels[0]['prompt'] == words
       and (devices.returncode != 0 or panels[0]['variations'][0]['picked']),
       'and the file has it all', [info.stdout[:400], info.stderr[:400]])
except Exception:
    ok(False, 'the test itself goes through', traceback.format_exc().splitlines())
finally:
    if app_process.poll() is None:
        app_process.kill()
    with open(messages, errors='replace') as file:
        for line in file:
            if bad or 'CRITICAL' in line or 'WARNING' in line:
                print('#', line.rstrip())
    print(f'1..{number}')
    sys.exit(bad)
