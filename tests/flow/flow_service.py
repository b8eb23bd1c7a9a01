"""The server as a service: installed by `cmake --install`, started by the unit's own lines under the unit's own
confinement, ready when members are served. systemd itself is not started here."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import pathlib

from harness import BINARY, LAB_QUERY, SOURCE, Member, Report, lab, room

CONFINE = SOURCE / "tests/flow/confine.py"
LACKING = 75


class Manager:
    """What systemd is to a service of Type=notify: a socket for datagrams."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)

    def hears(self, seconds=60):
        """The next datagram's lines; none when nothing comes."""
        self.socket.settimeout(seconds)
        with contextlib.suppress(socket.timeout, BlockingIOError):
            return self.socket.recv(4096).decode().splitlines()
        return []

    def hears_from(self, service, seconds=60):
        """The same, but not longer than the service lives."""
        said, end = [], time.monotonic() + seconds
        while not said and service.poll() is None and time.monotonic() < end:
            said = self.hears(seconds=0.2)
        return said or self.hears(seconds=0)

    def close(self):
        self.socket.close()
        os.unlink(self.path)


def lines_of(unit, key):
    return re.findall(rf"^{key}=(.*)$", unit, re.M)


def command_of(unit, key, config):
    """The unit's own words, with this test's configuration."""
    line, = lines_of(unit, key)
    return [str(config) if word == "/etc/sealroom/config.json" else word for word in line.split()]


def install(report, prefix):
    done = subprocess.run(["cmake", "--install", BINARY, "--prefix", prefix], capture_output=True, text=True)
    report.check(done.returncode == 0, "cmake --install works", done.stderr[-500:])
    for name in ("bin/sealroom", "bin/sealroomd", "bin/sealroom-sql", "lib/sealroom/libduckdb.so",
                 "lib/systemd/system/sealroomd.service", "share/doc/sealroom/LICENSE",
                 "share/doc/sealroom/server/shell/README.md"):
        report.check((prefix / name).is_file(), f"it installs {name}")
    environment = {"PATH": os.environ["PATH"], "LD_TRACE_LOADED_OBJECTS": "1"}
    loaded = subprocess.run([prefix / "bin/sealroomd"], env=environment, capture_output=True, text=True).stdout
    duckdb = [line for line in loaded.splitlines() if "libduckdb" in line]
    report.check(len(duckdb) == 1 and str(prefix) in os.path.realpath(duckdb[0].split()[2]),
                 "the installed server uses the installed DuckDB", loaded)


def verify(report, unit_file):
    if shutil.which("systemd-analyze") is None:
        print("  SKIP  systemd-analyze verify: not on this machine")
        return
    done = subprocess.run(["systemd-analyze", "verify", unit_file], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "sealroomd" in line]
    report.check(done.returncode == 0 and not ours, "systemd finds no fault in the unit", done.stderr)


def start(command, folder, manager, confined_by=None):
    words = command if confined_by is None else [sys.executable, CONFINE, confined_by, *command]
    log = open(folder / "service.log", "ab")
    return subprocess.Popen(words, stdout=log, stderr=log, env={"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": manager.path})


def serves(report, server, unit_file, folder, confined):
    """Starts as systemd would; a member asks; stops as systemd would."""
    unit = unit_file.read_text()
    config = server.data / "config.json"
    manager = Manager(folder)
    document = json.loads(config.read_text())
    document["listen"] = "127.0.0.1:0"
    config.write_text(json.dumps(document))
    before = subprocess.run(command_of(unit, "ExecStartPre", config), capture_output=True, text=True)
    report.check(before.returncode == 0, "ExecStartPre judges the configuration", before.stderr)
    service = start(command_of(unit, "ExecStart", config), folder, manager, unit_file if confined else None)
    said = manager.hears_from(service)
    if confined and not said and service.wait(60) == LACKING:
        manager.close()
        print("  SKIP  under the unit's confinement:", (folder / "service.log").read_text().strip().splitlines()[-1])
        return
    where = [line.removeprefix("STATUS=listening on ") for line in said if line.startswith("STATUS=listening on 127.0.0.1:")]
    report.check("READY=1" in said and len(where) == 1, "READY=1 comes, and says where", said)
    address = where[0] if where else "127.0.0.1:1"
    try:
        publisher, advertiser = Member(server, "publisher"), Member(server, "advertiser")
        pinged = publisher.run("ping", "--server", address)
        report.check(pinged.status == 0, "when it is ready, a member is served at once", pinged)
        answer = advertiser.run("query", "run", LAB_QUERY, "--output", "csv", "--server", address)
        report.check(answer.status == 0 and "spring_launch,2" in answer.out, "and a question is answered", answer)
        again = publisher.run("table", "upload", "publisher_audience", "publisher_audience.csv", "--schema",
                              "publisher_audience.schema.json", "--secret-file", "secret.key", "--server", address)
        report.check(again.status == 0, "and a table uploaded", again)
        if confined:
            status = pathlib.Path(f"/proc/{service.pid}/status").read_text()
            if "without MemoryDenyWriteExecute" in (folder / "service.log").read_text():
                print("  SKIP  MemoryDenyWriteExecute: this kernel cannot be asked for it by a process itself")
            report.check("Seccomp:\t2" in status and "NoNewPrivs:\t1" in status, "under the unit's own confinement", status)
    finally:
        service.send_signal(signal.SIGTERM)
        status = service.wait(60)
    report.check(manager.hears() == ["STOPPING=1"] and status == 0, "SIGTERM: STOPPING=1, and a clean end", status)
    manager.close()


def never_ready(report, server, unit_file, folder):
    """A server that cannot start never says that it is ready."""
    unit = unit_file.read_text()
    config = server.data / "faulty.json"
    config.write_text(json.dumps(json.loads((server.data / "config.json").read_text()) | {"ca": "tls/none.pem"}))
    before = subprocess.run(command_of(unit, "ExecStartPre", config), capture_output=True, text=True)
    report.check(before.returncode == 1 and "none.pem" in before.stderr, "ExecStartPre refuses a faulty configuration", before)
    manager = Manager(folder)
    service = start(command_of(unit, "ExecStart", config), folder, manager)
    report.check(service.wait(60) == 1 and manager.hears(seconds=0) == [], "and the server never says READY=1")


def main():
    report = Report()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="sealroom-service-"))
    try:
        prefix = scratch / "prefix"
        install(report, prefix)
        unit_file = prefix / "lib/systemd/system/sealroomd.service"
        verify(report, unit_file)
        with room() as server:
            lab(server)
            server.stop()
            serves(report, server, unit_file, scratch, confined=False)
            serves(report, server, unit_file, scratch, confined=True)
            never_ready(report, server, unit_file, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    report.finish()


main()
