"""A few random overlap sessions against a plain set computation, and a few in which somebody is killed; many more of both
in scripts/test --long overlap_sessions and overlap_crash (tests/overlap).
"""

import subprocess
import sys

from harness import BINARY, SOURCE, Report


def main():
    report = Report()
    for sentence, script, seed, count in (("8 random sessions are counted exactly", "random_sessions.py", 20261124, 8),
                                          ("5 deaths change no count", "killed_sessions.py", 5, 5)):
        done = subprocess.run([sys.executable, "-B", SOURCE / "tests/overlap" / script, BINARY, str(seed), str(count)],
                              capture_output=True, text=True, timeout=500)
        report.check(done.returncode == 0, f"{sentence}: {' '.join(done.stdout.splitlines()[-1:])}", done.stdout[-1500:] + done.stderr[-3000:])
    report.finish()


main()
