"""A full disk at every stage: a clear error, nothing half done is visible, and service goes on when there is
room again. The server's folder lies on a small file system of its own (needs root, for tmpfs).

    python3 full_disk.py BINARY_DIR

The last line is the figures; exit status 0 only when everything held.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
from harness import Failure, Member, Server, aggregation_rule, schema # noqa: E402

SIZE = 96 * 1024 * 1024
LEFT = (0, 4096, 32768, 131072, 400_000, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 6_000_000, 8_000_000)
ROWS = 100_000
RULE = aggregation_rule(2, join=("id",), dimensions=["part"], aggregates=[(["id"], "COUNT_DISTINCT")])
ANSWER = "part,n\n" + "".join(f"p{part},{ROWS // 5}\n" for part in range(5))


def fill(folder, left):
    """Leaves `left` bytes free."""
    filler = folder / "filler"
    with open(filler, "wb", 0) as out:
        while True:
            free = os.statvfs(folder)
            room = free.f_bavail * free.f_frsize - left
            if room <= 0:
                return filler
            try:
                out.write(b"\0" * min(room, 1 << 20))
            except OSError:
                return filler


def visible(member):
    tables = member.must("table", "list", "--output", "json", "--collab", "disk").json()["tables"]
    return {table["name"]: table["rows"] for table in tables}


def upload(member, name):
    return member.run("table", "upload", name, "table.csv", "--schema", "table.json", "--secret-file", "secret.key",
                      "--collab", "disk")


def check(member, name):
    answer = member.run("query", "run", f"SELECT part, COUNT(DISTINCT id) AS n FROM {name} GROUP BY part ORDER BY part",
                        "--output", "csv", "--collab", "disk")
    if answer.out != ANSWER:
        raise Failure(f"table {name}: {answer!r}")


def clear_failure(answer, what):
    """Exit 0, or one line and status 1."""
    if answer.status == 0:
        return False
    if answer.status != 1 or not answer.one_line:
        raise Failure(f"{what}: {answer!r}")
    return True


def run(server, member):
    refused = 0
    committed = []
    for step, left in enumerate(LEFT):
        filler = fill(server.data, left)
        answer = upload(member, f"t{step}")
        refused += clear_failure(answer, f"upload with {left} bytes left")
        refused += clear_failure(member.run("collab", "create", f"room{step}", "--allowCleartext"), "collab create")
        refused += clear_failure(member.run("query", "run", "SELECT part, COUNT(DISTINCT id) FROM base GROUP BY part",
                                            "--collab", "disk"), "query")
        filler.unlink()
        if answer.status == 0:
            committed.append(f"t{step}")
        shown = visible(member)
        if set(shown) != {"base", *committed} or any(rows != ROWS for rows in shown.values()):
            raise Failure(f"with {left} bytes left: {shown}, committed {committed}")
        check(member, "base")
        if upload(member, "base").status != 0:
            raise Failure(f"no upload after the disk had room again ({left} bytes left before): {upload(member, 'base')!r}")
        check(member, "base")
    return refused, committed


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sealroom-disk-"))
    (folder / "room/server").mkdir(parents=True, mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", folder / "room/server"], check=True)
    server = None
    try:
        server = Server(folder / "room", ("publisher",))
        server.configure(minFreeDisk=0) # the disk itself refuses here, not the quota
        member = Member(server, "publisher")
        member.must("keys", "new", "secret.key")
        member.must("collab", "create", "disk", "--allowCleartext", "--allowDuplicates", "--preserveNulls")
        member.write("table.csv", "id,part\n" + "".join(f"{row},p{row % 5}\n" for row in range(ROWS)))
        member.write("table.json", schema(("id", "fingerprint"), ("part", "cleartext")))
        member.write("rule.json", RULE)
        if upload(member, "base").status != 0:
            raise Failure("the first upload failed")
        member.must("table", "rule", "base", "rule.json", "--collab", "disk")
        refused, committed = run(server, member)
        status = server.stop()
        if status != 0:
            raise Failure(f"the server ended with {status}")
        server.start()
        check(member, "base")
        print(f"{len(LEFT)} fillings, {refused} calls failed clearly, {len(committed)} tables fitted, all right afterwards")
    finally:
        if server is not None:
            server.stop()
        subprocess.run(["umount", folder / "room/server"], check=False)
        subprocess.run(["rm", "-rf", folder], check=False)


main()
