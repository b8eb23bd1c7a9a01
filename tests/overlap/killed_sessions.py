"""`kill -9` of the server or of a member at random moments, by seed, while an overlap session of two or three members runs;
then it goes on, and the report is that of a plain set computation. What a member sends again after its death is what it
sent before: nothing of the session is on the server's disk afterwards, and nothing is counted twice.

    python3 killed_sessions.py BINARY_DIR SEED KILLS

The last line is the figures; exit status 0 only when everything held.
"""

import random
import signal
import sys
import time

sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[1] / "flow"))
from harness import Failure, Member, room # noqa: E402
from overlap import gather, join_words, plain, report_of, state_of, told, write_list # noqa: E402

SEED, KILLS = int(sys.argv[2]), int(sys.argv[3])
NAMES = ("a", "b", "c")
OVER = "released"


class Session:
    """Opened, and not confirmed by anybody; lists of some thousands of items, so that there is time to kill in."""

    def __init__(self, server, chosen, size):
        self.server, self.chosen = server, chosen
        self.names = chosen.sample(NAMES, chosen.choice((2, 2, 3)))
        universe = [f"user{i}@example.com" for i in range(size)]
        self.lists = {name: set(chosen.sample(universe, chosen.randrange(size // 4, size))) for name in self.names}
        first = Member(server, self.names[0])
        words = [word for name in self.names for word in ("--member", name)]
        self.id = first.must("overlap", "open", *words, "--minimum", 0, "--output", "json").json()["session"]
        self.bold = not chosen.randrange(3) # all members at once, or one after the other
        for name in self.names:
            write_list(Member(server, name), sorted(self.lists[name]))

    def start(self, name):
        """What is due for a member: confirm, join, or release."""
        member = Member(self.server, name)
        state = state_of(member, self.id)
        if any(due["step"] == "confirm" for due in state["due"]):
            return member.start("overlap", "confirm", self.id, "--yes")
        if state["state"] == "complete":
            return member.start("overlap", "release", self.id, "--output", "json")
        return member.start(*join_words(self.id))

    def step(self, kill_after=None, whom=None):
        """Every member does what is due, one after the other or at once; at the moment given somebody dies. True: they did."""
        died = False
        running = {}
        for name in self.names:
            running[name] = self.start(name)
            if not self.bold or kill_after is not None and name == whom:
                died = died or self.wait({name: running.pop(name)}, kill_after, whom, name == self.names[-1])
                if died and whom == "server":
                    break
        died = self.wait(running, kill_after, whom, True) or died
        if died and whom == "server":
            self.server.start()
        return died

    def wait(self, running, kill_after, whom, last):
        end = time.monotonic() + (0 if kill_after is None else kill_after)
        killed = False
        for name, process in running.items():
            mine = kill_after is not None and (whom == name or whom == "server" and (last or self.chosen.random() < 0.5))
            if mine and not killed:
                time.sleep(max(0, end - time.monotonic()))
                if whom == "server":
                    self.server.stop(signal.SIGKILL)
                    killed = True
                else:
                    killed = process.poll() is None
                    process.kill()
            out, err = process.communicate(timeout=120)
            if process.returncode not in (0, -9) and (not killed or len(err.strip().splitlines()) != 1):
                if not self.is_expected(err):
                    raise Failure(f"{name}: {out} {err}")
        return killed

    def is_expected(self, err):
        """Members at once: one may have been quicker, or the session may be over."""
        return self.bold and any(word in err for word in ("is complete", "is released", "returned already"))

    def finish(self):
        """Without deaths to the end."""
        for _ in range(12):
            first = Member(self.server, self.names[0])
            if state_of(first, self.id)["state"] == OVER:
                break
            self.step()
        found = told(report_of(first, self.id))
        if found != plain(self.lists):
            raise Failure(f"seed {SEED}: {found}, and not {plain(self.lists)}")
        left = list((self.server.data / "data/overlap").rglob("*"))
        if any(path.is_file() or path.name == self.id for path in left):
            raise Failure(f"seed {SEED}: {left} are left on the server")


def main():
    chosen = random.Random(SEED)
    kills = {"server": 0, "member": 0}
    sessions = 0
    with room(NAMES) as server:
        server.configure(maxOverlapSessionsPerPair=1000)
        gather(server, NAMES)
        while sum(kills.values()) < KILLS:
            session = Session(server, chosen, chosen.choice((400, 4000, 20000)))
            sessions += 1
            for _ in range(6):
                if sum(kills.values()) == KILLS or state_of(Member(server, session.names[0]), session.id)["state"] == OVER:
                    break
                whom = chosen.choice(("server", *session.names))
                if session.step(chosen.choice((0.005, 0.02, 0.1, 0.4)) * chosen.random(), whom):
                    kills["server" if whom == "server" else "member"] += 1
            session.finish()
    print(f"{KILLS} kills in {sessions} sessions: {kills['server']} of the server, {kills['member']} of a member; every count the same")


main()
