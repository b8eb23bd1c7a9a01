"""An overlap session of SIZE identifiers a side over mutual TLS: the count is exact, a member's memory does not grow with
SIZE, and the server's stays under the bound that its memoryLimit sets.

    scale.py BINARY_DIR SIZE [SEED]

Members are processes of their own; half of the identifiers are shared. Prints one line of figures.
"""

import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from harness import Member, room # noqa: E402
from overlap_group import server_cpu, server_peak, timed # noqa: E402

SIZE = int(sys.argv[2])
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 0
MEMORY_LIMIT_MB = 2048 # the server's default
BASE_MB = 64 # of a server: the program itself, the catalog, calls and their buffers
SERVER_MOST_KB = (MEMORY_LIMIT_MB // 4 // 2 + BASE_MB) * 1024 # a quarter is for lists, a half of that for each of two sessions at once
MEMBER_MOST_KB = (128 + 3 * os.cpu_count()) * 1024 # 64 MiB to sort in, the program itself, and some for each thread


def write_ids(member, numbers):
    with open(member.folder / "ids.csv", "w") as out:
        out.write("email\n")
        out.writelines(f"user{number:x}@example.com\n" for number in numbers)


def main():
    draw = random.Random(SEED)
    shared = draw.randint(SIZE // 4, 3 * SIZE // 4)
    with room() as server:
        server.configure(memoryLimit=f"{MEMORY_LIMIT_MB}M")
        left, right = Member(server, "publisher"), Member(server, "advertiser")
        left.must("collab", "create", "lab", "--allowCleartext")
        left.must("collab", "invite", "lab", "advertiser")
        right.must("collab", "accept", "lab")
        write_ids(left, range(SIZE))
        write_ids(right, range(SIZE - shared, 2 * SIZE - shared))
        session = left.must("overlap", "open", "--member", "publisher", "--member", "advertiser",
                            "--output", "json").json()["session"]
        for member in (left, right):
            member.must("overlap", "confirm", session, "--yes")
        start = time.monotonic()
        steps = [timed(member, "overlap", "join", session, "ids.csv", "--id", "email") for member in (left, right)]
        steps += [timed(left, "overlap", "join", session), timed(right, "overlap", "release", session)]
        wall = time.monotonic() - start
        counted = left.must("overlap", "release", session, "--output", "json").json()["overlaps"][0]["items"]
        peak, served = max(peak for _, peak in steps), server_peak(server)
        print(f"{SIZE:,} x {SIZE:,}: {counted:,} shared of {shared:,}; {wall:.0f} s wall, "
              f"{sum(cpu for cpu, _ in steps) + server_cpu(server):.0f} CPU s; peak of a member {peak / 1024:.0f} MiB, "
              f"of the server {served / 1024:.0f} MiB")
        sys.exit(0 if counted == shared and peak < MEMBER_MOST_KB and served < SERVER_MOST_KB else 1)


main()
