"""WebKitGTK in a window that fills the screen, driven by lines of JSON; webkit_host.py FOLDER keeps its site data and downloads there.

Asked by `{"id", "op", …}`: `goto` a url; `eval` js, the body of an async function, whose result is JSON; `choose` paths, which the next
dialogue for files answers; `origin`, where on the screen the page begins. Answered by `{"id", "ok"}` or `{"id", "error"}`. Tells of
`{"event"}`: `up`, `download` and `download failed`, `crash`.
"""

import json
import os
import sys
import threading

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2  # noqa: E402

WIDTH, HEIGHT = 1280, 940

folder = sys.argv[1]
downloads = os.path.join(folder, "downloads")
os.makedirs(downloads, exist_ok=True)


def say(**told):
    print(json.dumps(told), flush=True)


class Host:
    def __init__(self):
        data = WebKit2.WebsiteDataManager(base_data_directory=os.path.join(folder, "data"), base_cache_directory=os.path.join(folder, "cache"))
        context = WebKit2.WebContext.new_with_website_data_manager(data)
        context.connect("download-started", self.download_started)
        # They come on the standard error.
        settings = WebKit2.Settings(enable_write_console_messages_to_stdout=True)
        self.view = WebKit2.WebView(web_context=context, settings=settings)
        self.view.connect("run-file-chooser", self.choose_files)
        self.view.connect("decide-policy", self.decide_policy)
        self.view.connect("load-changed", self.load_changed)
        self.view.connect("load-failed", self.load_failed)
        self.view.connect("web-process-terminated", lambda _view, reason: say(event="crash", reason=reason.value_nick))
        self.window = Gtk.Window(default_width=WIDTH, default_height=HEIGHT)
        self.window.add(self.view)
        self.window.show_all()
        self.window.move(0, 0)
        self.paths = []
        self.loading = None

    # What the browser asks.

    def choose_files(self, _view, request):
        if self.paths:
            request.select_files(self.paths)
        else:
            request.cancel()
        self.paths = []
        return True

    def decide_policy(self, _view, decision, kind):
        if kind != WebKit2.PolicyDecisionType.RESPONSE:
            return False
        headers = decision.get_response().get_http_headers()
        attached = headers is not None and "attachment" in (headers.get_one("content-disposition") or "")
        if attached or not decision.is_mime_type_supported():
            decision.download()
            return True
        return False

    def download_started(self, _context, download):
        def decide(download, name):
            path, number = os.path.join(downloads, name or "download"), 1
            while os.path.exists(path):
                number += 1
                path = os.path.join(downloads, f"{number} {name}")
            download.set_destination("file://" + path)
            return True

        def failed(_download, error):
            say(event="download failed", error=str(error))

        download.connect("decide-destination", decide)
        download.connect("finished", lambda download: say(event="download", path=download.get_destination().removeprefix("file://")))
        download.connect("failed", failed)

    def load_changed(self, _view, event):
        if event == WebKit2.LoadEvent.FINISHED and self.loading is not None:
            asked, self.loading = self.loading, None
            say(id=asked, ok=None)

    def load_failed(self, _view, _event, uri, error):
        if self.loading is not None:
            asked, self.loading = self.loading, None
            say(id=asked, error=f"{uri}: {error.message}")
        return False

    # What the test asks.

    def handle(self, asked):
        number, op = asked["id"], asked["op"]
        if op == "goto":
            self.loading = number
            self.view.load_uri(asked["url"])
        elif op == "eval":
            body = "return JSON.stringify(await (async () => {" + asked["js"] + "})() ?? null)"
            self.view.call_async_javascript_function(body, -1, None, None, None, None, self.evaluated, number)
        elif op == "choose":
            self.paths = asked["paths"]
            say(id=number, ok=None)
        elif op == "origin":
            _, x, y = self.view.get_window().get_origin()
            say(id=number, ok={"x": x, "y": y})
        return False

    def evaluated(self, view, result, number):
        try:
            say(id=number, ok=json.loads(view.call_async_javascript_function_finish(result).to_string()))
        except (GLib.Error, ValueError) as error:
            say(id=number, error=str(error))


def listen(host):
    for line in sys.stdin:
        GLib.idle_add(host.handle, json.loads(line))
    GLib.idle_add(Gtk.main_quit)


host = Host()
threading.Thread(target=listen, args=(host,), daemon=True).start()
say(event="up")
Gtk.main()
