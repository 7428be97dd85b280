"""A headless Chromium, driven by the WebDriver protocol (W3C) and Chromium's own commands behind it."""

import http.client
import json
import os
import re
import subprocess
import tempfile

STARTED = re.compile(rb"successfully on port (\d+)")
# What a page takes to load and a command to answer, with room for a busy machine.
TIMEOUT = 120


class WebDriverError(Exception):
    pass


class Browser:
    """Starts with `with`, and leaves neither processes nor files behind."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="nuthatch-browser-")
        # Without a colon's worth of environment: no proxy between this machine and itself.
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        try:
            self.port = self._port()
            self.session = None
            self.session = self._ask("POST", "/session", self._capabilities())["sessionId"]
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.ask("DELETE", "")
        except (OSError, WebDriverError):
            pass
        self._stop()

    def ask(self, method, path, body=None):
        return self._ask(method, f"/session/{self.session}{path}", body)

    def command(self, name, **parameters):
        """One of Chromium's DevTools commands."""
        return self.ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_later(self, script):
        """The result of a script that ends by calling its last argument."""
        return self.ask("POST", "/execute/async", {"script": script, "args": []})

    def show(self, address):
        self.ask("POST", "/url", {"url": address})

    def press(self, key):
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def messages(self):
        """What the page made the console say since the last call."""
        return [entry["message"] for entry in self.ask("POST", "/se/log", {"type": "browser"})]

    def _port(self):
        for line in self.driver.stdout:
            if match := STARTED.search(line):
                return int(match[1])
        raise WebDriverError("chromedriver did not start")

    def _stop(self):
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.driver.stdout.close()
        self.folder.cleanup()

    def _capabilities(self):
        arguments = [
            "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--force-color-profile=srgb", "--force-prefers-reduced-motion", "--lang=en-US",
            f"--user-data-dir={self.folder.name}/profile",
        ]
        # Chromium's sandbox does not work for root, as in a container; the pages are our own.
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        return {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": arguments}}}}

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            text = json.dumps({} if body is None else body) if method == "POST" else None
            connection.request(method, path, text, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise WebDriverError(f"{path}: {value['message'].splitlines()[0]}")
        return value
