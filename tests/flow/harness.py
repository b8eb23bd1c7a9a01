"""What every flow test shares: a real server, real members, each with a folder of its own.

A flow test is a script of its own (`flow_NAME.py`), run by ctest as
`python3 flow_NAME.py BINARY_DIR`. It starts `sealroomd --dev` on a free port of the loopback
interface, drives it with the `sealroom` program, and stops it by process id, whatever happens.
Standard library only.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else SOURCE / "build/dev").resolve()
SEALROOM = BINARY / "bin/sealroom"
SEALROOMD = BINARY / "bin/sealroomd"

PUBLISHER_CSV = "user_id_hash,segment\naaa111,news\nbbb222,sports\nccc333,news\nddd444,finance\neee555,sports\n"
ADVERTISER_CSV = (
    "user_id_hash,campaign\nbbb222,spring_launch\nccc333,spring_launch\n"
    "xxx999,brand_awareness\nyyy888,spring_launch\n"
)


class Failure(Exception):
    """A check of a flow that did not hold."""


class Report:
    """Counts checks; each prints one line, and the last line is what ctest and people read."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, condition, sentence, shown=""):
        if condition:
            self.passed += 1
            print(f"  ok    {sentence}")
        else:
            self.failed += 1
            print(f"  FAIL  {sentence}\n        {shown}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


class Server:
    """`sealroomd --dev` over a folder; started, stopped and restarted by process id."""

    def __init__(self, folder, members=("publisher", "advertiser")):
        self.folder = pathlib.Path(folder)
        self.members = members
        self.process = None
        self.log = self.folder.parent / "server.log"
        self.start()

    def start(self):
        ready = self.folder.parent / "ready"
        with contextlib.suppress(FileNotFoundError):
            ready.unlink()
        self.log_file = open(self.log, "ab")
        self.process = subprocess.Popen(
            [SEALROOMD, "--dev", self.folder, "--members", ",".join(self.members),
             "--listen", "127.0.0.1:0", "--ready-file", ready],
            stdout=self.log_file, stderr=self.log_file)
        deadline = time.monotonic() + 60
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Failure("the server did not start:\n" + self.log.read_text(errors="replace")[-2000:])
            time.sleep(0.02)
        self.address = ready.read_text().strip()

    def stop(self, how=signal.SIGTERM):
        """Stops the server and gives its exit status (None when it was not running)."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            status = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.log_file.close()
        self.process = None
        return status

    def configure(self, **fields):
        """Starts the server again with these fields in its configuration; None takes a field out."""
        self.stop()
        path = self.data / "config.json"
        document = {**json.loads(path.read_text()), **fields}
        path.write_text(json.dumps({name: value for name, value in document.items() if value is not None}))
        self.start()

    @property
    def data(self):
        return self.folder / "server"

    @property
    def peak(self):
        """The most memory that it has had so far, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) // 1024

    @property
    def cpu(self):
        """CPU seconds, with those of the children that it has waited for."""
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")

    def stored(self):
        """Bytes on disk, in all files of the data folder."""
        return sum(path.stat().st_blocks * 512 for path in self.data.rglob("*") if path.is_file())


class Answer:
    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def one_line(self):
        return len(self.err.strip().splitlines()) == 1

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.status}\n        out: {self.out[-1500:]!r}\n        err: {self.err[-1500:]!r}"


def operate(*arguments, timeout=120):
    """The operator's program, for the commands that end by themselves."""
    return Answer(subprocess.run([str(SEALROOMD), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=timeout))


class Member:
    """One organisation: its folder, its profile, and nothing of anybody else's."""

    def __init__(self, server, name, secret=None):
        self.name = name
        self.folder = server.folder / "members" / name
        self.secret = secret
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder),
            "SEALROOM_PROFILE": str(self.folder / "profile.json"),
        }
        for name_of in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "LC_ALL", "TMPDIR"):
            if name_of in os.environ:
                self.environment[name_of] = os.environ[name_of]

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        return path

    def run(self, *arguments, env=None, stdin=None, timeout=120):
        command = [str(SEALROOM), *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, env={**self.environment, **(env or {})},
                              input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout)
        return Answer(done)

    def must(self, *arguments, **options):
        answer = self.run(*arguments, **options)
        if answer.status != 0:
            raise Failure(f"{self.name}: sealroom {' '.join(map(str, arguments))}: {answer!r}")
        return answer

    def measure(self, *arguments):
        """(answer, seconds, CPU seconds, peak memory in MiB) of one command."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            start = time.monotonic()
            process = subprocess.Popen([str(SEALROOM), *map(str, arguments)], cwd=self.folder, env=self.environment,
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=err, text=True)
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            done = subprocess.CompletedProcess(process.args, process.returncode, out.read(), err.read())
        return Answer(done), seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024

    def start(self, *arguments):
        """A client that runs beside the test; the caller waits for it."""
        return subprocess.Popen([str(SEALROOM), *map(str, arguments)], cwd=self.folder,
                                env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def aggregation_rule(minimum, join=("user_id_hash",), dimensions=(), aggregates=(), **more):
    """An AGGREGATION rule in AWS's JSON shape."""
    aggregation = {
        "aggregateColumns": [{"columnNames": list(columns), "function": function}
                             for columns, function in aggregates],
        "joinColumns": list(join), "allowedJoinOperators": [],
        "dimensionColumns": list(dimensions), "scalarFunctions": [],
        "outputConstraints": [{"columnName": join[0], "minimum": minimum, "type": "COUNT_DISTINCT"}],
    }
    aggregation.update(more)
    return {"analysisRuleType": "AGGREGATION",
            "analysisRulePolicy": {"v1": {"aggregation": aggregation}}}


def schema(*columns):
    """A mapped schema; each column is (source, type) or (source, type, more)."""
    out = []
    for column in columns:
        row = {"sourceHeader": column[0], "targetHeader": column[0], "type": column[1]}
        if column[1] == "sealed":
            row["pad"] = {"type": "max", "length": 0}
        row.update(column[2] if len(column) > 2 else {})
        out.append(row)
    return {"headerRow": True, "columns": out}


@contextlib.contextmanager
def room(members=("publisher", "advertiser"), prepare=None):
    """A fresh folder with a running server; both are gone afterwards. `prepare` gets the folder before the server."""
    base = pathlib.Path(tempfile.mkdtemp(prefix="sealroom-flow-"))
    server = None
    try:
        if prepare is not None:
            prepare(base / "room")
        server = Server(base / "room", members)
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(base, ignore_errors=True)


LAB_FLAGS = ("--allowCleartext", "--allowDuplicates", "--preserveNulls")
LAB_QUERY = ("SELECT a.campaign, COUNT(DISTINCT a.user_id_hash) AS users FROM publisher_audience p "
             "JOIN advertiser_audience a ON p.user_id_hash = a.user_id_hash GROUP BY a.campaign")


def share_secret(giver, *receivers):
    """Partners exchange the collaboration secret outside the server."""
    giver.must("keys", "new", "secret.key")
    giver.secret = giver.folder / "secret.key"
    for receiver in receivers:
        receiver.secret = receiver.folder / "secret.key"
        shutil.copy2(giver.secret, receiver.secret)


def upload(member, table, csv_name, schema_document, *more):
    member.write(f"{table}.schema.json", schema_document)
    return member.run("table", "upload", table, csv_name, "--schema", f"{table}.schema.json",
                      "--secret-file", "secret.key", *more)


def lab(server, flags=LAB_FLAGS):
    """The tutorial's two members and tables, uploaded, with minimum 2."""
    publisher, advertiser = Member(server, "publisher"), Member(server, "advertiser")
    share_secret(publisher, advertiser)
    publisher.must("collab", "create", "lab", *flags)
    publisher.must("collab", "invite", "lab", "advertiser")
    advertiser.must("collab", "accept", "lab")
    publisher.write("publisher_audience.csv", PUBLISHER_CSV)
    advertiser.write("advertiser_audience.csv", ADVERTISER_CSV)
    for member, table, dimension in ((publisher, "publisher_audience", "segment"),
                                     (advertiser, "advertiser_audience", "campaign")):
        answer = upload(member, table, f"{table}.csv",
                        schema(("user_id_hash", "fingerprint"), (dimension, "cleartext")))
        if answer.status != 0:
            raise Failure(f"upload of {table}: {answer!r}")
        rule = aggregation_rule(2, dimensions=[dimension],
                                aggregates=[(["user_id_hash"], "COUNT_DISTINCT")], allowCountStar=True)
        member.write("rule.json", rule)
        member.must("table", "rule", table, "rule.json")
    return publisher, advertiser
