"""A certificate's life: issued, used, renewed, revoked; the running server reads the list by itself.
A list that cannot be read lets nobody in, and a list that is whole again lets in who may.
"""

import json
import subprocess

from harness import SEALROOMD, Report, lab, room


def cert(*arguments):
    return subprocess.run([SEALROOMD, "cert", *map(str, arguments)], capture_output=True, text=True, timeout=30)


def with_certificate(member, certificate, key):
    """Runs the client with this certificate as its only identity."""
    profile = json.loads((member.folder / "profile.json").read_text())
    profile["identities"] = {"owner": {"certificate": str(certificate), "key": str(key)}}
    path = member.write("profile-issued.json", profile)
    return lambda *arguments: member.run(*arguments, env={"SEALROOM_PROFILE": str(path)})


def check_life(report, ca, publisher, advertiser):
    made = publisher.folder / "issued"
    before = publisher.must("audit", "list", "--output", "json").json()["records"]
    done = cert("issue", "--ca", ca, "--member", "publisher", "--role", "owner", "--out", made, "--days", 30)
    report.check(done.returncode == 0, "a certificate is issued", done)
    certificate, key = made / "owner.pem", made / "owner.key"
    issued = with_certificate(publisher, certificate, key)
    report.check(issued("whoami").status == 0, "and is let in")

    done = cert("renew", "--ca", ca, "--certificate", certificate)
    old = made / "owner.pem.old"
    report.check(done.returncode == 0 and old.read_bytes() != certificate.read_bytes(), "it is renewed", done)
    report.check(issued("whoami").status == 0, "and let in with the same key")

    done = cert("revoke", "--ca", ca, "--certificate", certificate)
    report.check(done.returncode == 0, "it is revoked", done)
    answer = issued("whoami")
    report.check(answer.status == 1 and answer.one_line and "revoked" in answer.err,
                 "and refused from the next call on, with one clear line", answer)
    report.check(publisher.run("whoami").status == 0, "the member's other certificate goes on")
    report.check(advertiser.run("whoami").status == 0, "and so does the other member")
    records = publisher.must("audit", "list", "--output", "json").json()["records"]
    report.check(len(records) == len(before), "the audit log goes on as it was", (before, records))
    report.check(with_certificate(publisher, old, key)("whoami").status == 0,
                 "the certificate before the renewal is another one, and not revoked")


def check_broken_list(report, revoked, server, publisher):
    good = revoked.read_bytes()
    breaks = (("emptied", b""), ("cut short", good[:-5]), ("something else", good + b"hello\n"), ("gone", None))
    for words, content in breaks:
        if content is None:
            revoked.unlink()
        else:
            revoked.write_bytes(content)
        answer = publisher.run("whoami")
        report.check(answer.status == 1 and answer.one_line and "revocation list" in answer.err,
                     f"a list that is {words} lets nobody in", answer)
        revoked.write_bytes(good)
        report.check(publisher.run("whoami").status == 0, "and whole again it lets in who may")


def check_refusals(report, ca, publisher):
    wrong = (("ca", "--out", ca), ("issue", "--ca", ca, "--member", "a b", "--role", "owner", "--out", ca),
             ("issue", "--ca", ca, "--member", "a", "--role", "emperor", "--out", ca),
             ("issue", "--ca", ca, "--server", "x,email:y", "--out", publisher.folder / "never"),
             ("renew", "--ca", ca, "--certificate", ca / "ca.pem"),
             ("renew", "--ca", ca, "--certificate", ca / "server.key"),
             ("revoke", "--ca", ca, "--fingerprint", "12"), ("revoke", "--ca", ca), ("bake",),
             ("issue", "--days", "0"))
    for arguments in wrong:
        done = cert(*arguments)
        report.check(done.returncode in (1, 2) and done.stderr.count("\n") == 1 and not done.stdout,
                     f"refused with one line: cert {' '.join(map(str, arguments[:1]))}", done)
    report.check("revoke" in cert("--help").stdout, "the help teaches")


def check_new_ca(report, publisher):
    folder = publisher.folder / "own-ca"
    done = cert("ca", "--out", folder)
    report.check(done.returncode == 0 and (folder / "ca.key").stat().st_mode & 0o777 == 0o600, "a CA is made", done)
    done = cert("issue", "--ca", folder, "--server", "room.example,10.0.0.1", "--out", folder)
    shown = subprocess.run(["openssl", "x509", "-in", folder / "server.pem", "-noout", "-text"],
                           capture_output=True, text=True).stdout
    report.check("DNS:room.example, IP Address:10.0.0.1" in shown, "and a server's certificate by it", done)


def main():
    report = Report()
    with room() as server:
        publisher, advertiser = lab(server)
        ca = server.folder / "server/tls"
        check_life(report, ca, publisher, advertiser)
        check_broken_list(report, ca / "revoked.txt", server, publisher)
        check_refusals(report, ca, publisher)
        check_new_ca(report, publisher)
    report.finish()


main()
