"""A small window at X Y to drag files out of, as out of a file manager: drag_source.py X Y PATH... Says `up`, `begin` and `end`."""

import sys
import urllib.parse

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

x, y, *paths = sys.argv[1:]
uris = ["file://" + urllib.parse.quote(path) for path in paths]


def say(word):
    print(word, flush=True)


window = Gtk.Window(type=Gtk.WindowType.POPUP, default_width=80, default_height=40)
window.move(int(x), int(y))
source = Gtk.EventBox()
source.add(Gtk.Label(label="Files"))
window.add(source)
source.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
source.drag_source_add_uri_targets()
source.connect("drag-begin", lambda *_: say("begin"))
source.connect("drag-data-get", lambda _widget, _context, data, *_: data.set_uris(uris))
source.connect("drag-end", lambda *_: say("end"))
window.show_all()
# The screen has it when this has gone to and fro.
Gdk.Display.get_default().sync()
say("up")
Gtk.main()
