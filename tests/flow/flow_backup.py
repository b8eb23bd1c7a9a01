"""Backup, destroy, restore: the same answers. And what is damaged, missing, half done or not the backup's is
refused by its name, with nothing changed."""

import hashlib
import json
import shutil
import signal
import subprocess
import time

from harness import LAB_QUERY, SEALROOMD, Report, lab, operate, room, schema, upload

STEPS = 14  # moments at which a backup, and a restore, are killed: from at once to after their end
DOCUMENT = schema(("user_id_hash", "fingerprint"), ("segment", "cleartext"))


def contents(*folders):
    """Every file below, with its digest, but for what is nobody's data: the lock, and temp/, which a start empties."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in folders for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "lock" and "temp" not in path.relative_to(folder).parts}


class Operator:
    """A server's folders and the three commands over them."""

    def __init__(self, server):
        self.server = server
        self.config = server.data / "config.json"
        self.data = server.data / "data"
        self.keys = server.data / "keys"
        self.away = server.folder.parent / "backups"
        self.away.mkdir(mode=0o700)

    def check(self):
        return operate("check", "--config", self.config)

    def backup(self, name, *more):
        return operate("backup", "--config", self.config, "--to", self.away / name, *more)

    def restore(self, name, *more):
        return operate("restore", "--config", self.config, "--from", self.away / name, *more)

    def destroy(self):
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.keys, ignore_errors=True)


def answers_of(member):
    return member.must("query", "run", LAB_QUERY, "--output", "csv").out


def records_of(member):
    return [(record["number"], record["action"], record["query"] if "query" in record else None)
            for record in member.must("audit", "list", "--output", "json").json()["records"]]


def same_answers(report, operator, members, keys_folder=None):
    """Back up, lose everything, restore, and nobody notices."""
    server, (publisher, advertiser) = operator.server, members
    apart = () if keys_folder is None else ("--keys", keys_folder)
    name = "whole" if keys_folder is None else "apart"
    answers, records = answers_of(advertiser), records_of(publisher)
    server.stop()
    before = contents(operator.data, operator.keys)
    made = operator.backup(name, *apart)
    report.check(made.status == 0, "a stopped server is backed up", made)
    report.check(("test guesses" in made.out) == (keys_folder is None), "and told about keys that lie with the data", made)
    report.check(contents(operator.data, operator.keys) == before, "what was backed up is untouched")
    modes = {oct(path.stat().st_mode & 0o777) for path in (operator.away / name).rglob("*")}
    report.check(modes <= {"0o600", "0o700"}, "nobody else may read the backup", modes)
    operator.destroy()
    back = operator.restore(name, *apart)
    report.check(back.status == 0 and operator.check().status == 0, "it is restored, and consistent", back)
    server.start()
    report.check(answers_of(advertiser) == answers, "the same question has the same answer")
    now = records_of(publisher)
    report.check(now[-len(records):] == records and len(now) == len(records) + 1, "the audit log is kept", (now, records))
    again = upload(publisher, "publisher_audience", "publisher_audience.csv", DOCUMENT)
    report.check(again.status == 0 and answers_of(advertiser) == answers,
                 "a new upload meets the other table's old fingerprints", again)


def damage(report, operator):
    """Each file of a backup in turn: changed by one bit, cut, and gone."""
    backup = operator.away / "damaged"
    operator.backup("damaged")
    operator.destroy()
    for path in sorted(path for path in backup.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        for how, broken in (("changed", bytes(flipped)), ("cut", whole[:-2]), ("gone", None)):
            path.unlink()
            if broken is not None:
                path.write_bytes(broken)
                path.chmod(0o600)
            answer = operator.restore("damaged")
            report.check(answer.status == 1 and answer.one_line and str(path) in answer.err
                         and not operator.data.exists() and not operator.keys.exists(),
                         f"{path.suffix or path.name}: {how}, so refused by name and nothing is restored", answer)
            path.write_bytes(whole)
            path.chmod(0o600)
    for stranger in (backup / "note.txt", backup / "engines/more.duckdb", backup / "keys/more.key"):
        stranger.write_text("x")
        answer = operator.restore("damaged")
        report.check(answer.status == 1 and answer.one_line and str(stranger) in answer.err,
                     f"a file that is not the backup's is named: {stranger.name}", answer)
        stranger.unlink()
    report.check(operator.restore("damaged").status == 0, "the same backup, whole again, is restored")


def lying_manifest(report, operator):
    """A manifest whose own digest fits, but which tells of other rows than there are."""
    backup = operator.away / "lying"
    operator.backup("lying")
    path = backup / "manifest.json"
    document = json.loads(path.read_text())
    document["content"]["collaborations"][0]["versions"][0]["rows"] += 1
    canonical = json.dumps(document["content"], sort_keys=True, separators=(",", ":"))
    document["digest"] = hashlib.sha256(canonical.encode()).hexdigest()
    path.write_text(json.dumps(document))
    operator.destroy()
    answer = operator.restore("lying")
    report.check(answer.status == 1 and answer.one_line and "other tables" in answer.err
                 and not list(operator.keys.iterdir()) and {path.name for path in operator.data.iterdir()} <= {"lock"},
                 "rows that the catalog does not have are not restored", answer)
    path.write_text(json.dumps(document | {"content": document["content"] | {"files": [
        {"name": "../data/catalog.sqlite", "size": 1, "sha256": "0" * 64}]}}))
    answer = operator.restore("lying")
    report.check(answer.status == 1 and answer.one_line and str(path) in answer.err, "nor is a tampered list of files", answer)


def occupied(report, operator):
    """Nothing that is there is ever replaced."""
    operator.backup("good")
    before = contents(operator.data, operator.keys, operator.away)
    for answer, what in ((operator.backup("good"), "a backup of that name"), (operator.restore("good"), "a data folder with data")):
        report.check(answer.status == 1 and answer.one_line and "holds something already" in answer.err, f"{what} stays", answer)
    shutil.rmtree(operator.data)
    key = next(operator.keys.iterdir())
    mine = key.read_bytes()
    key.write_bytes(bytes(32))
    answer = operator.restore("good")
    report.check(answer.status == 1 and answer.one_line and str(key) in answer.err and key.read_bytes() == bytes(32),
                 "another key is not replaced", answer)
    key.write_bytes(mine)
    report.check(operator.restore("good").status == 0, "the same keys may be there: their device survived")
    after = contents(operator.data, operator.keys, operator.away)
    report.check(after == before, "and all is as it was", sorted(set(before.items()) ^ set(after.items())))
    answer = operate("backup", "--config", operator.config, "--to", operator.data / "inside")
    report.check(answer.status == 2 and answer.one_line and "inside" in answer.err, "no backup inside the data folder", answer)


def running(report, operator):
    """An engine's file belongs to one process."""
    for answer in (operator.backup("hasty"), operator.check(), operator.restore("good")):
        report.check(answer.status == 1 and answer.one_line and "stop the server first" in answer.err,
                     "a running server must be stopped first", answer)
    report.check(not list(operator.away.glob("hasty*")), "and no half backup is left")


def broken(report, operator):
    """What `check` finds, one thing at a time; and no backup of it is made."""
    engine = next((operator.data / "engines").iterdir())
    key = next(operator.keys.iterdir())
    catalog = operator.data / "catalog.sqlite"

    def named(what, path, *words):
        found = operator.check()
        refused = operator.backup("broken")
        report.check(found.status == 1 and found.one_line and all(word in found.out + found.err for word in (path.name, *words)),
                     f"check finds {what}", found)
        report.check(refused.status == 1 and path.name in refused.err and not list(operator.away.glob("broken*")),
                     "and it is not backed up", refused)

    for path, what in ((engine, "a missing engine file"), (key, "a missing key"), (catalog, "a missing catalog")):
        whole = path.read_bytes()
        path.unlink()
        named(what, path)
        path.write_bytes(whole)
        path.chmod(0o600)
    for path, cut, what in ((catalog, 4096, "a truncated catalog"), (catalog, 0, "an empty catalog"),
                            (engine, 300_000, "a truncated engine file"), (key, 31, "a key that is too short")):
        whole = path.read_bytes()
        path.write_bytes(whole[:cut])
        named(what, path)
        path.write_bytes(whole)
    rotten = bytearray(engine.read_bytes())
    for at in range(12288 + 100, len(rotten), 4096):
        rotten[at] ^= 1
    whole = engine.read_bytes()
    engine.write_bytes(rotten)
    named("an engine file with changed bits", engine)
    engine.write_bytes(whole)
    for path in (engine, catalog):
        path.chmod(0o644)
        named("a file that others may read", path, "others may open it")
        path.chmod(0o600)
    answer = operator.check()
    report.check(answer.status == 0 and "consistent" in answer.out, "mended, it is consistent again", answer)
    stranger = operator.data / "engines" / "00000000-0000-4000-8000-000000000000.duckdb"
    stranger.write_bytes(b"")
    answer = operator.check()
    report.check(answer.status == 0 and f"leftover: {stranger}" in answer.out, "a file of nobody is a leftover, no fault", answer)
    stranger.unlink()


def interrupted(report, operator):
    """Killed at any moment: the source is untouched, and nothing half done passes for whole."""
    before = contents(operator.data, operator.keys)
    partial = wholes = 0
    started = time.monotonic()
    operator.backup("timed")
    pause = (time.monotonic() - started) / (STEPS - 2)
    for step in range(STEPS):
        name = f"killed{step}"
        process = subprocess.Popen([SEALROOMD, "backup", "--config", operator.config, "--to", operator.away / name],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause * step)
        process.kill()
        process.wait()
        partial += (operator.away / f"{name}.partial").exists()
        if (operator.away / name).exists():
            wholes += 1
            report.check((operator.away / name / "manifest.json").exists(), "a backup with its name is whole")
        report.check(operator.restore(name).status == 1, "neither is restored over data")
    report.check(contents(operator.data, operator.keys) == before, f"the source is untouched ({partial} half, {wholes} whole)")
    answer = operator.backup("killed1")
    report.check(answer.status == 0 or "holds something already" in answer.err, "the next run needs no cleaning", answer)

    halves = 0
    operator.destroy()
    started = time.monotonic()
    operator.restore("good")
    pause = (time.monotonic() - started) / (STEPS - 2)
    for step in range(STEPS):
        operator.destroy()
        process = subprocess.Popen([SEALROOMD, "restore", "--config", operator.config, "--from", operator.away / "good"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause * step)
        process.kill()
        process.wait()
        if (operator.data / "restore.partial").exists():
            halves += 1
            answer = operator.check()
            report.check(answer.status == 1 and answer.one_line and "did not finish" in answer.err,
                         "an unfinished restore is no data folder", answer)
            answer = operator.restore("good")
            report.check(answer.status == 0, "and is run again", answer)
        elif (operator.data / "catalog.sqlite").exists():
            report.check(contents(operator.data, operator.keys) == before, "a restore without a mark of work is whole")
        else:
            report.check(operator.restore("good").status == 0, "a restore that did nothing is run again")
    report.check(contents(operator.data, operator.keys) == before, f"and all is there ({halves} were half done)")


def refuses_to_serve(report, operator):
    mark = operator.data / "restore.partial"
    mark.mkdir(mode=0o700)
    answer = operate("--config", operator.config, timeout=30)
    report.check(answer.status == 1 and answer.one_line and "did not finish" in answer.err,
                 "no server starts over an unfinished restore", answer)
    mark.rmdir()


def main():
    report = Report()
    with room() as server:
        members = lab(server)
        operator = Operator(server)
        same_answers(report, operator, members)
        same_answers(report, operator, members, operator.away / "keys-elsewhere")
        listed = {path.name for path in (operator.away / "apart").iterdir()}
        report.check("keys" not in listed, "keys that go elsewhere are not with the data", listed)
        answer = operator.restore("apart")
        report.check(answer.status == 2 and answer.one_line and "--keys" in answer.err, "and must be named to restore", answer)
        answers = answers_of(members[1])
        server.stop(signal.SIGKILL)
        report.check(operator.backup("crashed").status == 0, "what a killed server left is backed up, logs and all")
        operator.destroy()
        report.check(operator.restore("crashed").status == 0, "and restored")
        for part in (damage, lying_manifest):
            part(report, operator)
            operator.destroy()
            operator.restore("crashed")
        for part in (occupied, broken, interrupted, refuses_to_serve):
            part(report, operator)
        server.start()
        running(report, operator)
        report.check(answers_of(members[1]) == answers, "after all of that the answer is the same")
    report.finish()


main()
