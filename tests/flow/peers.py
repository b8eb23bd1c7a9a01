"""Peers that keep no promise: raw_upload.js as a client, fake_server.js as a server."""

import base64
import json
import os
import subprocess
import time

from harness import SOURCE, Failure

NODE = {**os.environ, "NODE_PATH": str(SOURCE / "scripts/npm/node_modules")}


def b64(data):
    return base64.b64encode(data).decode()


class RawClient:
    """Any steps of any call, under any member's certificate; one process for all calls of a test."""

    def __init__(self, server):
        self.members = server.folder / "members"
        ca = next(self.members.iterdir()) / "ca.pem"
        self.process = subprocess.Popen(
            ["node", SOURCE / "tests/flow/raw_upload.js", server.address, ca],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=NODE)
        self.started = 0
        self.ended = {}
        self.told = set()

    def start(self, member, role, method, *steps, **more):
        self.started += 1
        folder = self.members / member
        command = {"id": self.started, "certificate": str(folder / f"{role}.pem"), "key": str(folder / f"{role}.key"),
                   "method": method, "steps": steps, **more}
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.started

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure("raw_upload.js ended")
        answer = json.loads(line)
        if "told" in answer:
            self.told.add(answer["id"])
        else:
            self.ended[answer["id"]] = answer

    def wait(self, number):
        """Until the call has ended."""
        while number not in self.ended:
            self.read()
        return self.ended.pop(number)

    def wait_told(self, number):
        """Until the call has come to its step `tell`."""
        while number not in self.told:
            self.read()

    def run(self, *call, **more):
        return self.wait(self.start(*call, **more))

    def ask(self, member, role, method, message):
        return self.run(member, role, method, {"send": message}, {"end": True})

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


class FakeServer:
    """Answers as told, under the real server's certificate."""

    def __init__(self, server):
        tls = server.folder / "server/tls"
        ready = server.folder.parent / "fake-ready"
        self.process = subprocess.Popen(
            ["node", SOURCE / "tests/flow/fake_server.js", tls / "ca.pem", tls / "server.pem", tls / "server.key", ready],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=NODE)
        deadline = time.monotonic() + 30
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failure("fake_server.js did not start")
            time.sleep(0.02)
        self.address = ready.read_text()

    def tell(self, method, *answers, code=0, message="", **more):
        self.process.stdin.write(json.dumps({"method": method, "answers": answers, "code": code, "message": message, **more}) + "\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


# ---- an upload, step by step ---------------------------------------------------------------------

KEY_CHECK = b"\1" * 16


def column(name="c", type="cleartext", data_type="STRING", **more):
    return {"name": name, "type": type, "data_type": data_type, "normaliser": "exact", "allowed": True, **more}


def begin(table="t", columns=None, flags=11, key_check=b"", collaboration="raw"):
    return {"send": {"begin": {"collaboration": collaboration, "table": table, "flags": {"value": flags},
                               "columns": [column()] if columns is None else columns, "key_check": b64(key_check)}}}


def cells(values=(), nulls=b"", width=0, lengths=None, data=None):
    return {"nulls": b64(nulls), "width": width,
            "lengths": [len(value) for value in values] if lengths is None else lengths,
            "data": b64(b"".join(values) if data is None else data)}


def batch(rows, *columns):
    return {"send": {"batch": {"rows": rows, "columns": list(columns)}}}


def commit(*cards, **more):
    return {"commit": {"cards": [b64(card) for card in cards], **more}}


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body
