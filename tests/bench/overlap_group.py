"""The overlap group of scripts/bench: the curve alone, and a whole session over mutual TLS beside it."""

import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

from harness import BINARY, SEALROOM, Member, room

KERNELS = ("portable", "avx2", "ifma")
# What a vector kernel should reach beside OpenSSL's EVP X25519, and what it must. "ladder" is what X25519 does: the
# multiplication and nothing else. "mask" tests its point as well.
MASKS = {"aim": 4.0, "least": 3.2}
MASK_BOUNDS = {"ladder": MASKS, "mask": MASKS, "hash and mask": {"aim": 2.7, "least": 2.2}}
SESSION_SIZE = 1 << 20
NAMES = {"ladder": "mask of a point that was tested before", "mask": "mask", "hash and mask": "hash and mask", "check": "check"}


class Wrong(Exception):
    """Work was skipped or done wrongly: no figure counts."""


def rates_of(kernel, count="20000", runs="5"):
    """Points a core second of one kernel, with OpenSSL taking turns; None where this machine lacks it."""
    done = subprocess.run([BINARY / "bin/overlap_masks", kernel, count, runs], capture_output=True, text=True)
    if done.returncode == 77:
        print(f"overlap: {done.stderr.strip()}", file=sys.stderr)
        return None
    if done.returncode != 0:
        raise Wrong(done.stderr)
    return {figure["name"]: figure["rate"] for figure in map(json.loads, done.stdout.splitlines())}


def bench_kernels(board):
    """The curve alone, on one core. Gives the rates of the fastest kernel, which is the one that programs use."""
    fastest = None
    for kernel in KERNELS:
        rates = rates_of(kernel)
        if rates is None:
            continue
        fastest = rates
        for name, words in NAMES.items():
            bounds = MASK_BOUNDS.get(name, {}) if kernel != "portable" else {}
            board.add(f"overlap: {kernel}: {words}, points a core second", rates[name], "1/s", rates["EVP X25519"], **bounds)
    return fastest


# ---- processes -----------------------------------------------------------------------------------

class Peak(threading.Thread):
    """The largest resident memory of a running process, in KiB, looked at all the time. wait4's figure would be at
    least that of the process that started it: this one, which is large itself."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.status, self.kib, self.over = pathlib.Path(f"/proc/{pid}/status"), 0, False
        self.start()

    def run(self):
        while not self.over:
            try:
                found = re.search(r"VmHWM:\s+(\d+)", self.status.read_text())
            except OSError:
                return
            self.kib = int(found.group(1)) if found else self.kib
            time.sleep(0.005)

    def end(self):
        self.over = True
        self.join()
        return self.kib


# ---- a session -----------------------------------------------------------------------------------

def timed(member, *arguments):
    """CPU seconds and peak KiB of one client."""
    process = subprocess.Popen([str(SEALROOM), *map(str, arguments)], cwd=member.folder, env=member.environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = Peak(process.pid)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Wrong(f"{arguments}: {said}")
    return usage.ru_utime + usage.ru_stime, peak.end()


def server_cpu(server):
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(fields[index]) for index in range(11, 15)) / os.sysconf("SC_CLK_TCK")


def server_peak(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1))


def wire_bytes(server):
    """Bytes of messages there and back, as the server's log counts them for each call."""
    log = server.log.read_text(errors="replace")
    calls = re.findall(r"method=OverlapService/\S+ .* in=(\d+) out=(\d+)", log)
    return sum(int(there) + int(back) for there, back in calls)


def two_members(server, size):
    left, right = Member(server, "publisher"), Member(server, "advertiser")
    left.must("collab", "create", "lab", "--allowCleartext")
    left.must("collab", "invite", "lab", "advertiser")
    right.must("collab", "accept", "lab")
    for member, first in ((left, 0), (right, size // 2)):
        with open(member.folder / "ids.csv", "w") as out:
            out.write("email\n")
            out.writelines(f"user{number}@example.com\n" for number in range(first, first + size))
    return left, right


def bench_session(board, rates, size, clock):
    """Two members and the server as processes of their own. The bound is the same work with the same kernel, alone:
    each member hashes and masks its list and masks the other's, and the server checks every point that comes in."""
    with room() as server:
        left, right = two_members(server, size)
        opened = left.must("overlap", "open", "--member", "publisher", "--member", "advertiser", "--output", "json")
        session = opened.json()["session"]
        for member in (left, right):
            member.must("overlap", "confirm", session, "--yes")
        before, start = server_cpu(server), clock()
        steps = [timed(member, "overlap", "join", session, "ids.csv", "--id", "email") for member in (left, right)]
        steps.append(timed(left, "overlap", "join", session))
        steps.append(timed(right, "overlap", "release", session))
        wall, served = clock() - start, server_cpu(server) - before
        report = left.must("overlap", "release", session, "--output", "json").json()
        if report["overlaps"][0]["items"] != size - size // 2:
            raise Wrong("the session's count is wrong")
        bound = 2 * size / rates["mask"] + 2 * size / rates["hash and mask"] + 4 * size / rates["check"]
        name = f"overlap: session of {size:,} x {size:,}"
        board.add(f"{name}, three processes", sum(cpu for cpu, _ in steps) + served, "CPU s", bound, aim=1.15, most=1.4)
        board.add(f"{name}, wall", wall, "s")
        board.add(f"{name}, on the wire, an item", wire_bytes(server) / (2 * size), "bytes")
        board.add(f"{name}, peak of a member", max(peak for _, peak in steps) / 1024, "MiB")
        board.add(f"{name}, peak of the server", server_peak(server) / 1024, "MiB")


def bench_overlap(board, rows, clock):
    rates = bench_kernels(board)
    bench_session(board, rates, SESSION_SIZE if rows >= 1_000_000 else rows, clock)
