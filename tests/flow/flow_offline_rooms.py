"""Whole C3R rooms: Java's output opens here as it does there, and ours carries Java's fingerprints."""

import json
import pathlib

from harness import SOURCE, Report
from offline import VECTORS, Cell, folder, multiset, read_csv

FINGERPRINT = "02:hmac:"


def rooms():
    found = sorted(path.parent for path in (VECTORS / "rooms").glob("*/room.json"))
    sample = SOURCE.parent / "shared/c3r/rooms/aws_sample"
    return found + ([sample] if (sample / "room.json").exists() else [])


def fingerprints(rows):
    return {cell.text for row in rows for cell in row if cell.text.startswith(FINGERPRINT)}


def without(rows, known):
    """Fingerprints of NULLs are random: both sides show them as one word."""
    def shown(cell):
        unknown = cell.text.startswith(FINGERPRINT) and cell.text not in known
        return Cell("a fingerprint of its own", False) if unknown else cell
    return [tuple(shown(cell) for cell in row) for row in rows]


def check_java_output(report, f, room, path, name):
    java = read_csv((path / "decrypted.csv").read_bytes())
    answer = f.run("decrypt", path / "output.csv", "--id", room["collaboration_id"], "-o", "java.csv",
                   *room["decrypt_flags"], secret=room["secret_b64"])
    report.check(answer.status == 0, f"{name}: Java's output decrypts", answer)
    ours = read_csv(f.read("java.csv"))
    report.check(ours[0] == java[0] and multiset(ours) == multiset(java),
                 f"{name}: to what Java decrypts it to", list((multiset(ours) - multiset(java)).items())[:3])
    return java


def check_our_output(report, f, room, path, name, java, reading):
    f.write("settings.json", room["settings"])
    answer = f.run("encrypt", path / "input.csv", "--schema", path / "schema.json", "--id",
                   room["collaboration_id"], "--flags", "settings.json", "-o", "ours.csv", "--overwrite",
                   *reading, *room["encrypt_flags"], secret=room["secret_b64"])
    report.check(answer.status == 0, f"{name}: our client encrypts its input", answer)
    ours, theirs = read_csv(f.read("ours.csv")), read_csv((path / "output.csv").read_bytes())
    report.check(ours[0] == theirs[0] and len(ours) == len(theirs), f"{name}: same header, as many rows",
                 (ours[0], theirs[0]))
    answer = f.run("decrypt", "ours.csv", "--id", room["collaboration_id"], "-o", "back.csv", "--overwrite",
                   *room["decrypt_flags"], secret=room["secret_b64"])
    report.check(answer.status == 0, f"{name}: and decrypts it", answer)
    back = read_csv(f.read("back.csv"))
    common = fingerprints(back) & fingerprints(java)
    report.check(multiset(without(back, common)) == multiset(without(java, common)),
                 f"{name}: to the same rows, with Java's fingerprints",
                 list((multiset(without(back, common)) - multiset(without(java, common))).items())[:3])
    if room["settings"]["preserveNulls"]:
        report.check(fingerprints(back) == fingerprints(java), f"{name}: every fingerprint is Java's", "")


def main():
    report = Report()
    for path in rooms():
        room = json.loads((path / "room.json").read_text())
        with folder() as f:
            java = check_java_output(report, f, room, pathlib.Path(path), path.name)
            for reading in ((), ("--c3r-compat",)):
                check_our_output(report, f, room, pathlib.Path(path), path.name, java, reading)
    report.finish()


main()
