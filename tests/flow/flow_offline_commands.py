"""The off-line commands from a new secret to opened cells, as a person types them."""

import json
import os
import subprocess

from harness import SEALROOM, Report
from offline import ID, OPEN, SECRET, folder, read_csv


def check_keys(report):
    with folder() as f:
        answer = f.run("keys", "new", "room.key", secret=None)
        report.check(answer.status == 0 and (f.path / "room.key").stat().st_mode & 0o777 == 0o600,
                     "a new secret is for its owner's eyes", answer)
        before = f.read("room.key")
        answer = f.run("keys", "new", "room.key", secret=None)
        report.check(answer.status == 1 and answer.one_line and f.read("room.key") == before,
                     "and never overwritten", answer)
        check = ("keys", "check", "--id", ID, "--flags", "flags.json")
        value = f.run(*check, "--secret-file", "room.key", secret=None).out.strip()
        report.check(len(value) == 32 and int(value, 16) >= 0, "its key check value has 32 digits", value)
        answer = f.run(*check, value, "--secret-file", "room.key", secret=None)
        report.check(answer.status == 0 and "agree" in answer.out, "which agrees with itself", answer)
        answer = f.run(*check, value)
        report.check(answer.status == 1 and answer.one_line and "differ" in answer.err, "and differs for another secret", answer)
        f.write("flags.json", {**OPEN, "preserveNulls": False})
        answer = f.run(*check, value, "--secret-file", "room.key", secret=None)
        report.check(answer.status == 1, "and for other settings", answer)
        answer = f.run(*check, "xyz")
        report.check(answer.status == 2, "a malformed value is wrong usage", answer)


def check_secret_sources(report):
    with folder() as f:
        f.write("in.csv", "a\nx\n")
        f.write("s.json", {"headerRow": True, "columns": [{"sourceHeader": "a", "targetHeader": "a", "type": "fingerprint"}]})
        words = [str(SEALROOM), "encrypt", "in.csv", "--schema", "s.json", "--id", ID, "--flags", "flags.json", "-o", "-"]
        outputs = []
        for name in ("SEALROOM_SHARED_SECRET", "C3R_SHARED_SECRET"):
            env = {**f.environment(None), name: SECRET}
            outputs.append(subprocess.run(words, cwd=f.path, env=env, capture_output=True, text=True).stdout)
        reader, writer = os.pipe()
        os.write(writer, SECRET.encode() + b"\n")
        os.close(writer)
        outputs.append(subprocess.run([*words, "--secret-fd", str(reader)], cwd=f.path, env=f.environment(None),
                                      pass_fds=[reader], capture_output=True, text=True).stdout)
        os.close(reader)
        report.check(len(set(outputs)) == 1 and outputs[0].startswith("a\n02:hmac:"),
                     "a secret from either variable or a descriptor is the same", outputs)


def check_way(report):
    """Template, edit, encrypt, decrypt."""
    with folder() as f:
        f.write("table.csv", "Name,City,n\nann,Oslo,1\nbob,,2\n")
        answer = f.run("schema", "table.csv", "--template", secret=None)
        report.check(answer.status == 0 and "table.json" in f.names(), "a template is named after its table", answer)
        schema = json.loads(f.read("table.json"))
        report.check([column["sourceHeader"] for column in schema["columns"]] == ["name", "city", "n"],
                     "and has every column", schema)
        answer = f.run("encrypt", "table.csv", "--schema", "table.json", "--id", ID, "--flags", "flags.json")
        report.check(answer.status == 1 and "choose one" in answer.err, "it must be edited before it is used", answer)
        for column, kind in zip(schema["columns"], ("fingerprint", "sealed", "deterministic")):
            column["type"] = kind
            column["pad"] = {"type": "max", "length": 2}
            if kind != "sealed":
                del column["pad"]
        schema["flags"] = OPEN
        f.write("table.json", schema)
        answer = f.run("encrypt", "table.csv", "--schema", "table.json", "--id", ID)
        report.check(answer.status == 0 and "table.out.csv" in f.names() and "2 rows" in answer.out,
                     "flags may stand in the schema, and the output has c3r's name", answer)
        answer = f.run("decrypt", "table.out.csv", "--id", ID)
        rows = read_csv(f.read("table.out.out.csv"))
        report.check(sorted((row[1].text, row[2].text) for row in rows[1:]) == [("", "2"), ("Oslo", "1")],
                     "and opens again", (answer, rows))
        report.check((f.path / "table.out.out.csv").stat().st_mode & 0o777 == 0o600, "for its owner's eyes", "")
        f.write("flags.json", {**OPEN, "preserveNulls": False})
        answer = f.run("encrypt", "table.csv", "--schema", "table.json", "--id", ID, "--flags", "flags.json", "-f")
        report.check(answer.status == 1 and "contradict" in answer.err, "settings that contradict the schema's are refused", answer)
        answer = f.run("schema", "table.csv", "--template", "--noHeaders", "--output", "p.json", secret=None)
        schema = json.loads(f.read("p.json"))
        report.check(answer.status == 0 and schema["headerRow"] is False and len(schema["columns"]) == 3,
                     "a positional template", schema)


def check_pipes(report):
    with folder() as f:
        f.write("s.json", {"headerRow": True, "columns": [
            {"sourceHeader": "a", "targetHeader": "a", "type": "sealed", "pad": {"type": "max", "length": 0}}]})
        answer = f.run("encrypt", "-", "--schema", "s.json", "--id", ID, "--flags", "flags.json", stdin=b"a\nx\nyy\n")
        report.check(answer.status == 0 and answer.out.startswith("a\n02:enc:") and "2 rows" in answer.err,
                     "standard input goes to standard output", answer)
        lengths = {len(line) for line in answer.out.splitlines()[1:]}
        report.check(len(lengths) == 1, "padded to the longest, which only the end of the input tells", lengths)
        back = f.run("decrypt", "-", "--id", ID, stdin=answer.out.encode())
        report.check(sorted(back.out.split()) == ["a", "x", "yy"], "and back", back)
        report.check(f.names() == ["flags.json", "s.json"], "without a file", f.names())


def check_help(report):
    with folder() as f:
        answer = f.run("help", secret=None)
        report.check(answer.status == 0 and "encrypt" in answer.out and "keys new" in answer.out, "help lists the commands", answer)
        for words in (("encrypt", "--help"), ("help", "encrypt"), ("keys", "new", "-h"), ("schema", "--help")):
            answer = f.run(*words, secret=None)
            report.check(answer.status == 0 and "usage: sealroom" in answer.out and "\n  sealroom " in answer.out
                         and all(len(line) <= 110 for line in answer.out.splitlines()),
                         f"{' '.join(words)} teaches, with an example", answer)
        for words in (("overlap", "--help"), ("help", "overlap"), ("overlap", "-h")):
            answer = f.run(*words, secret=None)
            report.check(answer.status == 0 and not answer.err and answer.out.startswith("usage: sealroom overlap COMMAND")
                         and "\n  overlap release" in answer.out and "collab" not in answer.out,
                         f"{' '.join(words)} lists the commands of the noun", answer)
        answer = f.run("overlap", secret=None)
        report.check(answer.status == 2 and answer.one_line and "which?" in answer.err, "a noun alone is wrong usage", answer)
        answer = f.run("help", "overlaps", secret=None)
        report.check(answer.status == 2 and answer.one_line and "did you mean overlap" in answer.err, "a noun that is none", answer)
        answer = f.run("--version", secret=None)
        report.check(answer.status == 0 and answer.out.startswith("sealroom 0."), "the version", answer)


def main():
    report = Report()
    for check in (check_keys, check_secret_sources, check_way, check_pipes, check_help):
        check(report)
    report.finish()


main()
