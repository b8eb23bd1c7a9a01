"""What the Java client does on 73 command lines, and that ours does the same under --c3r-compat: the same
exit status and the same rows."""

import base64
import json

from harness import Report
from offline import VECTORS, folder, multiset, read_csv

NAMES = {"cleartext": "allowCleartext", "duplicates": "allowDuplicates",
         "joins": "allowJoinsOnColumnsWithDifferentNames", "nulls": "preserveNulls"}

# Where we differ on purpose.
DIFFERS = {
    "secret/newline at end": "a newline at the end of a secret is what editors leave; it is accepted",
    "cli/dryRun leaves an empty output file": "a dry run leaves nothing (its exit status is compared)",
}


def settings(text):
    pairs = (entry.split("=") for entry in text.split(","))
    return {NAMES[name]: value == "1" for name, value in pairs}


def run_case(f, case):
    f.write(case["input_name"], base64.b64decode(case["input_b64"]))
    f.write("settings.json", settings(case["settings"]))
    words = [case["verb"], case["input_name"], "--id", case["id"], "--output", "out.csv", "--c3r-compat"]
    if case["verb"] == "encrypt":
        f.write("s.json", case["schema"] if isinstance(case["schema"], str) else json.dumps(case["schema"]))
        words += ["--schema", "s.json", "--flags", "settings.json"]
    return f.run(*words, *case["flags"], secret=case["secret"])


def check_rows(report, f, case):
    want = base64.b64decode(case.get("output_raw_b64") or "")
    if case["rc"] != 0 or case.get("output_is_random") or case["name"] in DIFFERS:
        return
    ours, java = read_csv(f.read("out.csv")), read_csv(want)
    report.check(ours[0] == java[0] and multiset(ours) == multiset(java), f"{case['name']}: the same rows",
                 (ours, java))


def main():
    report = Report()
    cases = json.loads((VECTORS / "c3r/cli_cases.json").read_text())
    for case in cases:
        if case["name"] == "secret/newline at end":
            print(f"  skip  {case['name']}: {DIFFERS[case['name']]}")
            continue
        with folder() as f:
            answer = run_case(f, case)
            report.check(answer.status == case["rc"], f"{case['name']}: exit status {case['rc']}",
                         (case["error"], answer))
            if answer.status == 0 and case["rc"] == 0:
                check_rows(report, f, case)
            if case["rc"] != 0:
                report.check("out.csv" not in f.names(), f"{case['name']}: nothing is left", f.names())
                report.check(answer.one_line, f"{case['name']}: one line says why", answer)
    report.finish()


main()
