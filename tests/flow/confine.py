"""Runs a program under what a systemd unit confines it to, as far as a process can do that by itself.

    python3 confine.py UNIT PROGRAM ARGUMENT...

NoNewPrivileges, LimitCORE=0, MemoryDenyWriteExecute (PR_SET_MDWE) and SystemCallFilter, with the sets of calls
that this systemd knows. x86-64. Exit status 75: this machine lacks something that it needs; a kernel without
PR_SET_MDWE (before 6.3) confines a little less, and it says so.
"""

import ctypes
import os
import pathlib
import re
import resource
import struct
import subprocess
import sys

LACKING = 75
EPERM = 1
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_MDWE = 38, 22, 65
SECCOMP_MODE_FILTER = 2
RET_ALLOW, RET_ERRNO = 0x7FFF0000, 0x00050000
LOAD_WORD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06


def lacking(what):
    print(f"confine: {what}", file=sys.stderr)
    sys.exit(LACKING)


def prctl(*arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(*[ctypes.c_ulong(argument) if isinstance(argument, int) else argument for argument in arguments])


def sets_of_calls():
    """What `systemd-analyze syscall-filter` lists: set -> calls and sets."""
    try:
        text = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        lacking("no systemd-analyze")
    sets, current = {}, None
    for line in text.splitlines():
        if line.startswith("@"):
            current = sets.setdefault(line.strip(), set())
        elif line.startswith("    ") and not line.strip().startswith("#") and current is not None:
            current.add(line.strip())
    return sets


def expand(name, sets):
    if not name.startswith("@"):
        return {name}
    return set().union(*(expand(inside, sets) for inside in sets[name]))


def allowed_calls(unit):
    sets = sets_of_calls()
    allowed = expand("@default", sets)
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        denies = line.startswith("~")
        for name in line.lstrip("~").split():
            allowed = allowed - expand(name, sets) if denies else allowed | expand(name, sets)
    return allowed


def numbers():
    for header in pathlib.Path("/usr/include").glob("**/asm/unistd_64.h"):
        return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+)\s+(\d+)", header.read_text())}
    lacking("no asm/unistd_64.h")


def filter_program(unit):
    """BPF: an allowed call is let through, any other fails with EPERM."""
    known = numbers()
    program = [struct.pack("HBBI", LOAD_WORD, 0, 0, 0)]
    for name in sorted(allowed_calls(unit)):
        if name in known:
            program.append(struct.pack("HBBI", JUMP_EQUAL, 0, 1, known[name]))
            program.append(struct.pack("HBBI", RETURN, 0, 0, RET_ALLOW))
    program.append(struct.pack("HBBI", RETURN, 0, 0, RET_ERRNO | EPERM))
    return b"".join(program), len(program)


def confine(unit):
    program, length = filter_program(unit)
    code = ctypes.create_string_buffer(program)
    about = struct.pack("HxxxxxxP", length, ctypes.addressof(code))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if re.search(r"^MemoryDenyWriteExecute=yes$", unit, re.M) and prctl(PR_SET_MDWE, 1, 0, 0, 0) != 0:
        print("confine: this kernel does not know PR_SET_MDWE: without MemoryDenyWriteExecute", file=sys.stderr)
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        lacking("no new privileges cannot be refused")
    if prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(about), 0, 0) != 0:
        lacking("no system call filter can be set")


if __name__ == "__main__":
    if os.uname().machine != "x86_64":
        lacking("x86-64 only")
    confine(pathlib.Path(sys.argv[1]).read_text())
    os.execv(sys.argv[2], sys.argv[2:])
