"""Off-line commands that cannot go well: one clear line, the right exit status, nothing left behind."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

from harness import Report
from offline import ID, OPEN, SECRET, folder, read_csv

SCHEMA = {"headerRow": True, "columns": [
    {"sourceHeader": "email", "targetHeader": "email", "type": "fingerprint"},
    {"sourceHeader": "n", "targetHeader": "n", "type": "cleartext", "dataType": "INTEGER"},
    {"sourceHeader": "note", "targetHeader": "note", "type": "sealed", "pad": {"type": "max", "length": 0}}]}
GOOD = "email,n,note\na@x,1,hello\nb@x,2,world\n"
ENCRYPT = ("encrypt", "in.csv", "--schema", "s.json", "--id", ID, "--flags", "flags.json", "--output", "out.csv")


def prepared(f, text=GOOD, schema=SCHEMA):
    f.write("in.csv", text)
    f.write("s.json", schema)
    return f


def refused(report, f, answer, sentence, *words, status=1, left=("flags.json", "in.csv", "s.json")):
    report.check(answer.status == status and answer.one_line and all(word in answer.err for word in words),
                 sentence, answer)
    report.check(f.names() == sorted(left), "  and nothing is left behind", f.names())


def check_input(report):
    cases = (
        ("a ragged row", "email,n,note\na,1,x\nb,2\n", ("in.csv", "row 2", "line 3", "2 fields where 3")),
        ("bytes that are not UTF-8", b"email,n,note\na,1,x\nb,2,\xff\n", ("in.csv", "row 2", '"note"', "UTF-8")),
        ("an unknown column", "mail,n,note\na,1,x\n", ("in.csv", '"email"')),
        ("a column that is there twice", "email,n,note,Email\na,1,x,y\n", ("in.csv", '"email"', "1 and 4")),
        ("an open quote", 'email,n,note\na,1,"x\nb,2,y\n', ("in.csv", "row 1", '"note"', "never closed")),
        ("a value that is not of its type", "email,n,note\na,1,x\nb,4x4secret,y\n", ("in.csv", "row 2", '"n"')),
        ("an empty file", "", ("in.csv", "empty")),
        ("a value longer than C3R allows", "email,n,note\na,1," + 12001 * "x" + "\n", ("row 1", '"note"')),
    )
    for sentence, text, words in cases:
        for dry in ((), ("--dryRun",)):
            with folder() as f:
                answer = prepared(f, text).run(*ENCRYPT, *dry)
                refused(report, f, answer, sentence + (" (dry run)" if dry else ""), *words)
                report.check("4x4secret" not in answer.err, "  and without the value", answer)


def check_duplicates(report):
    with folder() as f:
        prepared(f, "email,n,note\na,1,x\nb,2,y\na,3,z\n")
        f.write("flags.json", {**OPEN, "allowDuplicates": False})
        refused(report, f, f.run(*ENCRYPT), "a value twice where duplicates are not allowed",
                '"email"', "rows 1 and 3")
    with folder() as f:
        prepared(f, "email,n,note\n,1,x\nb,2,y\n,3,z\n")
        f.write("flags.json", {**OPEN, "allowDuplicates": False, "preserveNulls": False})
        refused(report, f, f.run(*ENCRYPT), "NULL twice where NULLs are hidden", '"email"', "rows 1 and 3")
    with folder() as f:
        f.write("flags.json", {**OPEN, "allowCleartext": False})
        refused(report, prepared(f), f.run(*ENCRYPT), "cleartext where it is not allowed", '"n"', "allowCleartext")


def check_words(report):
    with folder() as f:
        prepared(f)
        refused(report, f, f.run("encrypt", "in.csv", "--shema", "s.json"), "a misspelt option", "--schema", status=2)
        refused(report, f, f.run("encrpt", "in.csv"), "a misspelt command", "encrypt", status=2)
        refused(report, f, f.run("keys"), "half a command", "new, check", status=2)
        refused(report, f, f.run("encrypt", "in.csv", "--id", ID, "--flags", "flags.json"), "no schema", "--schema", status=2)
        refused(report, f, f.run(*ENCRYPT[:4], "--id", "x", "--flags", "flags.json"), "a malformed id", "--id", status=2)
        refused(report, f, f.run(*ENCRYPT[:6]), "no settings", "--flags", status=2)
        refused(report, f, f.run(*ENCRYPT, "--memory", "1M"), "too little memory", "--memory", status=2)
        refused(report, f, f.run("encrypt", "nope.csv", *ENCRYPT[2:]), "a missing input", "nope.csv")
        refused(report, f, f.run(*ENCRYPT[:2], "--schema", "nope.json", *ENCRYPT[4:]), "a missing schema", "nope.json")
        refused(report, f, f.run(*ENCRYPT, "--tempDir", "/nonexistent"), "a missing scratch folder", "/nonexistent")
        refused(report, f, f.run(*ENCRYPT[:-1], "no/where/out.csv"), "an output in a folder that is not there", "no/where")
        refused(report, f, f.run("schema", "in.csv", "--interactive"), "a schema by questions, which is not there yet", status=2)
        f.write("out.csv", "mine\n")
        refused(report, f, f.run(*ENCRYPT), "an output that exists", "out.csv", "exists",
                left=("flags.json", "in.csv", "s.json", "out.csv"))
        report.check(f.read("out.csv") == b"mine\n", "  which stays as it was", "")


def check_secrets(report):
    with folder() as f:
        prepared(f)
        refused(report, f, f.run(*ENCRYPT, secret=None), "no secret", "secret")
        answer = f.run(*ENCRYPT, secret="c2hvcnQ=")
        refused(report, f, answer, "a short secret", "32")
        report.check("c2hvcnQ" not in answer.err, "  which is not shown", answer)
        f.write("room.key", SECRET + "\n").chmod(0o644)
        refused(report, f, f.run(*ENCRYPT, "--secret-file", "room.key", secret=None),
                "a secret that others may read", "room.key", left=("flags.json", "in.csv", "room.key", "s.json"))
        (f.path / "room.key").chmod(0o600)
        answer = f.run(*ENCRYPT, "--secret-file", "room.key", secret=None)
        report.check(answer.status == 0, "a secret from a file", answer)
        wrong = SECRET.replace("A", "B", 1)
        answer = f.run("decrypt", "out.csv", "--id", ID, "--output", "back.csv", secret=wrong)
        report.check(answer.status == 1 and answer.one_line and 'column "note"' in answer.err and "row 1" in answer.err
                     and "back.csv" not in f.names(), "a wrong secret, by row and column", answer)
        answer = f.run("decrypt", "out.csv", "--id", ID, "--output", "back.csv", "--keep-going", secret=wrong)
        report.check(answer.status == 0 and "2 cells do not open" in answer.err, "which --keep-going counts", answer)
        report.check(read_csv(f.read("back.csv")) == read_csv(f.read("out.csv")), "and leaves as they are", "")


def check_decrypt(report):
    with folder() as f:
        f.write("in.csv", "a,b\nsay 02:enc:x,zz-enc:x\n")
        answer = f.run("decrypt", "in.csv", "--id", ID, "--output", "out.csv")
        report.check(answer.status == 0 and b"zz-enc:x" in f.read("out.csv"), "text that contains a prefix is text", answer)
        answer = f.run("decrypt", "in.csv", "--id", ID, "--output", "java.csv", "--c3r-compat")
        report.check(answer.status == 1, "but not to the Java client", answer)
        f.write("in.csv", "a\n02:enc:AAAA\n")
        answer = f.run("decrypt", "in.csv", "--id", ID, "--output", "short.csv")
        report.check(answer.status == 1 and 'column "a"' in answer.err and "AAAA" not in answer.err
                     and "short.csv" not in f.names(), "a cell that is too short", answer)


def check_rows_said(report):
    with folder() as f:
        prepared(f, "email,n,note\n#a,1,x\n")
        answer = f.run(*ENCRYPT)
        report.check(answer.status == 0 and "start with '#' were kept (c3r-cli drops them): 1" in answer.err, "a row that starts with # is kept, and said", answer)
        f.write("in.csv", "email\na\n\nb\n")
        f.write("s.json", {"headerRow": True, "columns": [{"sourceHeader": "email", "type": "cleartext"}]})
        answer = f.run(*ENCRYPT, "--overwrite")
        report.check(answer.status == 0 and "blank lines were kept as rows (c3r-cli drops them): 1" in answer.err, "a blank row of one column is kept, and said", answer)
        report.check(len(read_csv(f.read("out.csv"))) == 4, "  and is there", f.read("out.csv"))


def big_table(f, rows=400000):
    with open(f.path / "in.csv", "w") as out:
        out.write("email,n,note\n")
        for i in range(rows):
            out.write(f"user{i}@example.com,{i},a note of some length for row {i}\n")
    f.write("s.json", SCHEMA)


def check_signals(report):
    for number in (signal.SIGTERM, signal.SIGINT):
        with folder() as f:
            big_table(f)
            process = f.start(*ENCRYPT)
            deadline = time.monotonic() + 60
            while not any(name.startswith(".") or "tmp" in name or "out.csv" in name for name in f.names()):
                if time.monotonic() > deadline or process.poll() is not None:
                    break
                time.sleep(0.001)
            process.send_signal(number)
            process.communicate(timeout=120)
            report.check(process.returncode in (128 + number, 0), f"{number.name} ends a run", process.returncode)
            report.check(process.returncode == 0 or f.names() == ["flags.json", "in.csv", "s.json"],
                         "  and nothing is left behind", f.names())


def check_full_disk(report):
    if os.geteuid() != 0:
        print("  skip  a full disk: only root can make a small file system")
        return
    with folder() as f, tempfile.TemporaryDirectory() as mount:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount], capture_output=True).returncode != 0:
            print("  skip  a full disk: mounting is not allowed here")
            return
        try:
            big_table(f, 50000)
            answer = f.run(*ENCRYPT[:-1], f"{mount}/out.csv")
            report.check(answer.status == 1 and answer.one_line and "space" in answer.err, "a full disk", answer)
            report.check(os.listdir(mount) == [], "  and nothing is left behind", os.listdir(mount))
            big_table(f, 500000)
            answer = f.run(*ENCRYPT, "--tempDir", mount, "--memory", "32M")
            report.check(answer.status == 1 and answer.one_line and "scratch" in answer.err and "space" in answer.err,
                         "a full scratch disk", answer)
            report.check(f.names() == ["flags.json", "in.csv", "s.json"] and os.listdir(mount) == [],
                         "  and nothing is left behind", (f.names(), os.listdir(mount)))
        finally:
            subprocess.run(["umount", mount], check=True)


def check_closed_pipe(report):
    with folder() as f:
        big_table(f, 50000)
        process = f.start(*ENCRYPT[:-1], "-")
        process.stdout.read(10)
        process.stdout.close()
        status = process.wait(timeout=120)
        said = process.stderr.read().decode()
        report.check(status == 1 and len(said.strip().splitlines()) == 1, "a reader that goes away", (status, said))


def check_memory(report):
    with folder() as f:
        big_table(f, 200000)
        answer = f.run(*ENCRYPT, "--memory", "32M", "--threads", "2")
        report.check(answer.status == 0, "a table larger than the memory given", answer)
        rows = read_csv(f.read("out.csv"))
        report.check(len(rows) == 200001 and len({row[1] for row in rows}) == 200001, "  has every row once", len(rows))
        answer = f.run("decrypt", "out.csv", "--id", ID, "--output", "-")
        lines = sorted(line.split(",", 1)[1] for line in answer.out.splitlines()[1:])
        want = sorted(f'{i},"a note of some length for row {i}"' for i in range(200000))
        report.check(lines == want, "  and decrypts to the same rows", lines[:3])


def main():
    report = Report()
    for check in (check_input, check_duplicates, check_words, check_secrets, check_decrypt, check_rows_said,
                  check_signals, check_full_disk, check_closed_pipe, check_memory):
        check(report)
    report.finish()


main()
