"""Headless Chromium over WebDriver, with nothing but the standard library."""

import base64
import json
import re
import subprocess
import tempfile
import urllib.error
import urllib.request

# Loopback and the driver are never behind a proxy.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Browser:
    """One window. Use it in a `with`: it ends the processes that it began."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for line in self.process.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                self.session = f"http://127.0.0.1:{found[1]}/session"
                break
        else:
            raise RuntimeError("chromedriver did not start")
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"]
        # The browser's own errands (updates, start pages) are no part of the pages.
        flags += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
        options = {"args": flags + ["--no-proxy-server", f"--user-data-dir={self.profile.name}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        answer = self.send("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self.session += "/" + answer["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            self.send("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait(10)
            self.profile.cleanup()

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.session + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with DIRECT.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()}") from None

    def open(self, url):
        self.send("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """What a function body of JavaScript returns."""
        return self.send("POST", "/execute/sync", {"script": script, "args": arguments})

    def console(self):
        """What was written to the console since the last call."""
        return self.send("POST", "/se/log", {"type": "browser"})

    def requested(self):
        """The URLs that were asked for since the last call, whoever asked."""
        entries = self.send("POST", "/se/log", {"type": "performance"})
        events = [json.loads(entry["message"])["message"] for entry in entries]
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def devtools(self, command, **parameters):
        return self.send("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def look(self, width, height, scheme):
        """Shows pages at a width, light or dark."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", features=features)

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.devtools("Page.captureScreenshot", format="png")["data"]))
