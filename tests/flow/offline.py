"""What the off-line flow tests share: a folder, the program, and CSV as a reader sees it."""

import collections
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from harness import SEALROOM, SOURCE, Answer

ID = "12345678-1234-1234-1234-1234567890ab"
SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OPEN = {"allowCleartext": True, "allowDuplicates": True,
        "allowJoinsOnColumnsWithDifferentNames": True, "preserveNulls": True}
VECTORS = SOURCE / "tests/vectors"

Cell = collections.namedtuple("Cell", "text quoted")


class Folder:
    """A fresh folder to run the program in; gone afterwards."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="sealroom-offline-"))
        self.write("flags.json", OPEN)

    def write(self, name, content):
        path = self.path / name
        if isinstance(content, (dict, list)):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, name):
        return (self.path / name).read_bytes()

    def names(self):
        return sorted(entry.name for entry in self.path.iterdir())

    def environment(self, secret):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.path)}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "TMPDIR"):
            if name in os.environ:
                env[name] = os.environ[name]
        if secret is not None:
            env["C3R_SHARED_SECRET"] = secret
        return env

    def run(self, *arguments, secret=SECRET, stdin=None, timeout=300):
        done = subprocess.run([str(SEALROOM), *map(str, arguments)], cwd=self.path,
                              env=self.environment(secret), input=stdin,
                              stdin=None if stdin is not None else subprocess.DEVNULL,
                              capture_output=True, timeout=timeout)
        done.stdout = done.stdout.decode(errors="replace")
        done.stderr = done.stderr.decode(errors="replace")
        return Answer(done)

    def start(self, *arguments, secret=SECRET):
        return subprocess.Popen([str(SEALROOM), *map(str, arguments)], cwd=self.path,
                                env=self.environment(secret), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@contextlib.contextmanager
def folder():
    made = Folder()
    try:
        yield made
    finally:
        shutil.rmtree(made.path, ignore_errors=True)


def read_csv(data):
    """Rows of cells from a file as both clients write it: LF, doubled quotes, nothing trimmed."""
    text, rows, row, at = data.decode(), [], [], 0
    while at < len(text):
        if text[at] == '"':
            end, value = at + 1, ""
            while True:
                stop = text.index('"', end)
                value += text[end:stop]
                if text[stop + 1:stop + 2] != '"':
                    break
                value += '"'
                end = stop + 2
            row.append(Cell(value, value == ""))
            at = stop + 1
        else:
            end = at
            while end < len(text) and text[end] not in ",\n":
                end += 1
            row.append(Cell(text[at:end], False))
            at = end
        if at < len(text) and text[at] == ",":
            at += 1
            if at == len(text) or text[at] == "\n":
                row.append(Cell("", False))
            else:
                continue
        rows.append(tuple(row))
        row = []
        at += 1
    return rows


def multiset(rows):
    return collections.Counter(rows)
