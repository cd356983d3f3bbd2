"""An editor's side of yaml-language-server: opens texts, and asks about them."""

import json
import subprocess


class Editor:
    """Speaks the language server protocol, as far as it takes."""

    def __enter__(self):
        command = ["yaml-language-server", "--stdio"]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.asked = 0
        capabilities = {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}}}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.send({"method": "initialized", "params": {}})
        # Nothing from the internet: the schema is beside the policy.
        settings = {"yaml": {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}}
        self.send({"method": "workspace/didChangeConfiguration", "params": {"settings": settings}})
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()

    def open(self, path, text):
        """Opens a text as the file's, and returns what is marked in it: line and message."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        method = "textDocument/publishDiagnostics"
        told = self.receive(lambda told: told.get("method") == method and told["params"]["uri"] == path.as_uri())
        return [(mark["range"]["start"]["line"] + 1, mark["message"]) for mark in told["params"]["diagnostics"]]

    def complete(self, path, line, column):
        """What it offers there, both counted from 0."""
        answer = self.ask("textDocument/completion", place(path, line, column))
        return [item["label"] for item in answer["items"]]

    def hover(self, path, line, column):
        """What it says about what stands there."""
        answer = self.ask("textDocument/hover", place(path, line, column))
        return answer["contents"]["value"]

    def ask(self, method, params):
        self.asked += 1
        asked = self.asked
        self.send({"id": asked, "method": method, "params": params})
        return self.receive(lambda told: told.get("id") == asked and "method" not in told)["result"]

    def receive(self, is_wanted):
        while True:
            told = self.read()
            if is_wanted(told):
                return told
            if "id" in told and "method" in told:
                # The server asks for settings, which it has been sent.
                nothing = [None] * len(told["params"].get("items", []))
                self.send({"id": told["id"], "result": nothing if nothing else None})

    def read(self):
        length = 0
        while line := self.server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise EOFError("yaml-language-server has ended")
        return json.loads(self.server.stdout.read(length))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()


def place(path, line, column):
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}
