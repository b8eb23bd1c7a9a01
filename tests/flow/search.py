"""Searching everything that a server holds: its files and its memory, in every form in which a value may stand there."""

import base64
import pathlib
import re


def forms(value):
    """Raw, hexadecimal of both cases, and base64 at each of the three alignments."""
    raw = value if isinstance(value, bytes) else value.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        first = -(-shift * 4 // 3) # characters that the shift touches
        last = len(text) - 4 if (shift + len(raw)) % 3 else len(text)
        if last - first >= 6:
            found.add(text[first:last])
    return found


def make_search(values):
    return re.compile(b"|".join(re.escape(form) for value in values for form in sorted(forms(value))))


def search_text(text, values):
    """For more values than a pattern takes, in a text that is short."""
    return {form for value in values for form in forms(value) if form in text}


def search_files(folder, pattern):
    hits = set()
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file():
            try:
                hits |= {(path.name, hit) for hit in pattern.findall(path.read_bytes())}
            except FileNotFoundError:
                pass # a spill file that has gone
    return hits


def search_memory(pid, pattern):
    """Every readable private or heap mapping of the process."""
    hits, scanned = set(), 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            spans, rights = line.split()[:2]
            path = line.split()[5] if len(line.split()) > 5 else ""
            if not rights.startswith("rw") or path.startswith("/dev"):
                continue
            begin, end = (int(part, 16) for part in spans.split("-"))
            for at in range(begin, end, 1 << 24):
                size = min((1 << 24) + 256, end - at)
                try:
                    memory.seek(at)
                    piece = memory.read(size)
                except (OSError, OverflowError):
                    continue
                scanned += len(piece)
                hits |= set(pattern.findall(piece))
    return hits, scanned
