"""What pressure.py watches in the server: memory, descriptors, threads, children, temporary files, reports of a sanitizer."""

import pathlib
import statistics
import time

from harness import BINARY, Failure

CALLS = 64            # maxCalls, by default
MESSAGE_MIB = 1.0625  # the largest message
OF_A_CALL = 4         # messages: received, unpacked, staged, and on its way
PATIENCE = 120        # seconds for the server to notice that its clients are gone
REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:")


def text_of(path):
    """A thread may end while we look."""
    try:
        return path.read_text()
    except OSError:
        return ""


class Watch:
    """From a server at rest to the same server at rest again."""

    def __init__(self, server, engine_mib):
        self.server = server
        self.pid = server.process.pid
        self.sanitized = "SEALROOM_SANITIZE:STRING=\n" not in (BINARY / "CMakeCache.txt").read_text()
        self.rest = self.status("VmRSS") // 1024
        self.bound = self.rest + engine_mib + CALLS * OF_A_CALL * MESSAGE_MIB
        self.before = self.holdings()
        self.samples = []
        self.most = {}

    def status(self, key):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(text.split(key + ":")[1].split()[0])

    def holdings(self):
        """What a server at rest must not have more of than before."""
        process = pathlib.Path(f"/proc/{self.pid}")
        children = sum(len(words.split()) for words in map(text_of, process.glob("task/*/children")))
        temporary = self.server.data / "data/temp"
        return {
            "descriptors": len(list((process / "fd").iterdir())),
            "children": children,
            "temporary files": sum(1 for path in temporary.rglob("*") if path.is_file()),
        }

    def look(self):
        self.samples.append(self.status("VmRSS") // 1024)
        for what, count in {**self.holdings(), "threads": self.status("Threads")}.items():
            self.most[what] = max(count, self.most.get(what, 0))

    def settle(self):
        """All clients are gone: waits until the server has let go of everything that was theirs."""
        until = time.monotonic() + PATIENCE
        while any(count > self.before[what] for what, count in self.holdings().items()):
            if time.monotonic() > until:
                raise Failure(f"the server at rest held {self.before} and now holds {self.holdings()}")
            time.sleep(0.2)
        if not self.sanitized:
            self.check_memory()

    def thirds(self):
        third = max(1, len(self.samples) // 3)
        return statistics.median(self.samples[third:2 * third]), statistics.median(self.samples[-third:])

    def check_memory(self):
        peak = self.status("VmHWM") // 1024
        middle, last = self.thirds()
        if peak > self.bound:
            raise Failure(f"server memory reached {peak} MiB; its configuration allows {self.bound:.0f}")
        if len(self.samples) >= 180 and last > middle * 1.1 + 16:
            tenths = [self.samples[len(self.samples) * part // 10] for part in range(10)]
            raise Failure(f"server memory grows: {middle:.0f} MiB in the second third, {last:.0f} in the last; by tenths {tenths}")

    def end(self):
        """Stops the server: status 0, and nothing in its log from a sanitizer."""
        self.peak = self.status("VmHWM") // 1024 if self.server.process.pid == self.pid else self.peak
        status = self.server.stop()
        log = self.server.log.read_text(errors="replace")
        if status != 0 or any(report in log for report in REPORTS):
            raise Failure(f"the server ended with {status}:\n" + log[-6000:])

    def figures(self):
        middle, last = self.thirds()
        held = ", ".join(f"{count} {what}" for what, count in self.most.items())
        return (f"server memory {self.rest} MiB at rest, {middle:.0f} in the second third, {last:.0f} in the last, {self.peak} at most "
                f"of {self.bound:.0f} allowed; held at most {held}, at the end no more than before")
