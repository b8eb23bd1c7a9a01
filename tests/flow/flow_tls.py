"""Who may connect: only certificates of the CA that name a member, each only for its role's calls.
A foreign client (@grpc/grpc-js) gets SERVING from the health service and a rich error from a refused query.
"""

import json
import os
import shutil
import subprocess

from harness import SOURCE, Failure, Report, lab, room

NODE_MODULES = SOURCE / "scripts/npm/node_modules"


def openssl(*arguments, **options):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **options)


def make_certificate(folder, name, uri, ca=None, ca_key=None, days=1, expired=False):
    """A key and a certificate of `ca` (or self-signed), P-256, with one SAN URI."""
    key, request, certificate = (folder / f"{name}{end}" for end in (".key", ".csr", ".pem"))
    extensions = folder / f"{name}.cnf"
    extensions.write_text(f"subjectAltName=URI:{uri}\nextendedKeyUsage=clientAuth\n")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    key.chmod(0o600)
    openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", request)
    if expired:
        sign_expired(folder, request, certificate, extensions, ca, ca_key)
        return certificate, key
    signer = ["-CA", ca, "-CAkey", ca_key, "-CAcreateserial"] if ca else ["-signkey", key]
    openssl("x509", "-req", "-in", request, *signer, "-days", days, "-extfile", extensions, "-out", certificate)
    return certificate, key


def sign_expired(folder, request, certificate, extensions, ca, ca_key):
    state = folder / "expired-ca"
    state.mkdir(exist_ok=True)
    (state / "index.txt").write_text("")
    (state / "serial").write_text("1001\n")
    config = state / "ca.cnf"
    config.write_text(
        "[ca]\ndefault_ca=d\n[d]\n"
        f"database={state}/index.txt\nserial={state}/serial\nnew_certs_dir={state}\n"
        "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
    openssl("ca", "-batch", "-config", config, "-cert", ca, "-keyfile", ca_key, "-in", request,
            "-out", certificate, "-notext", "-startdate", "20200101000000Z", "-enddate", "20200102000000Z",
            "-extfile", extensions)


def with_profile(member, name, certificate, key, ca=None):
    """Runs the client with one identity from these files; gives a function like member.run."""
    profile = json.loads((member.folder / "profile.json").read_text())
    profile["ca"] = str(ca or member.folder / profile["ca"])
    profile["identities"] = {name: {"certificate": str(certificate), "key": str(key)}}
    path = member.write(f"profile-{certificate.stem}.json", profile)
    return lambda *arguments: member.run(*arguments, env={"SEALROOM_PROFILE": str(path)})


def find_ca_key(server):
    for path in server.data.rglob("ca*.key"):
        return path
    raise Failure("the server's dev folder has no CA key")


def grpc_js(server, member, role, *arguments, certificate=True):
    node = shutil.which("node")
    ca = member.folder / "ca.pem"
    files = [member.folder / f"{role}.pem", member.folder / f"{role}.key"] if certificate else ["-", "-"]
    done = subprocess.run([node, str(SOURCE / "tests/flow/grpc_js_client.js"), server.address, str(ca), *map(str, files),
                           *arguments], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "NODE_PATH": str(NODE_MODULES)})
    return done.returncode, done.stdout + done.stderr


def check_certificates(report, server, publisher):
    work = publisher.folder / "made"
    work.mkdir()
    ca, ca_key = publisher.folder / "ca.pem", find_ca_key(server)
    right = with_profile(publisher, "owner", publisher.folder / "owner.pem", publisher.folder / "owner.key")
    report.check(right("whoami").status == 0, "the right certificate is let in")

    foreign_ca, _ = make_certificate(work, "foreign-ca", "sealroom://publisher/owner")
    certificate, key = make_certificate(work, "foreign", "sealroom://publisher/owner", foreign_ca, work / "foreign-ca.key")
    answer = with_profile(publisher, "owner", certificate, key)("whoami")
    report.check(answer.status == 1 and answer.one_line and "CA" in answer.err,
                 "a certificate of a foreign CA is refused with one clear line", answer)
    expired, expired_key = make_certificate(work, "expired", "sealroom://publisher/owner", ca, ca_key, expired=True)
    answer = with_profile(publisher, "owner", expired, expired_key)("whoami")
    report.check(answer.status == 1 and answer.one_line and "expired" in answer.err,
                 "an expired certificate is refused with one clear line", answer)
    locked = work / "locked.key"
    openssl("pkcs8", "-topk8", "-in", publisher.folder / "owner.key", "-passout", "pass:x", "-out", locked)
    locked.chmod(0o600)
    answer = with_profile(publisher, "owner", publisher.folder / "owner.pem", locked)("whoami")
    report.check(answer.status == 1 and answer.one_line and "unencrypted" in answer.err,
                 "a private key under a passphrase is refused with one clear line, and nobody is asked", answer)
    for name, uri in (("nobody", "https://publisher/owner"), ("norole", "sealroom://publisher/emperor")):
        certificate, key = make_certificate(work, name, uri, ca, ca_key)
        answer = with_profile(publisher, "owner", certificate, key)("whoami")
        report.check(answer.status == 1 and answer.one_line,
                     f"a certificate of our CA whose URI is {uri} names no principal", answer)
    check_raw_tls(report, server, ca, work, expired, expired_key)


def check_raw_tls(report, server, ca, work, expired, expired_key):
    """The server itself refuses, whatever a client checks: curl speaks the handshake without our help."""
    cases = (("without certificate", []),
             ("with a foreign CA", ["--cert", work / "foreign.pem", "--key", work / "foreign.key"]),
             ("with an expired certificate", ["--cert", expired, "--key", expired_key]))
    for words, files in cases:
        done = subprocess.run(["curl", "-sS", "--http2", "--cacert", str(ca), *map(str, files), "--max-time", "10",
                               f"https://{server.address}/sealroom.v1.CollaborationService/WhoAmI"],
                              capture_output=True, text=True)
        report.check(done.returncode != 0, f"a client {words} does not get through the handshake",
                     (done.returncode, done.stdout, done.stderr))


def check_roles(report, publisher, advertiser):
    attempts = (("analyst", ("collab", "create", "other")), ("owner", ("query", "run", "SELECT 1")),
                ("admin", ("query", "run", "SELECT 1")), ("owner", ("collab", "invite", "lab", "publisher")),
                ("analyst", ("table", "rule", "publisher_audience", "rule.json")))
    for role, command in attempts:
        answer = publisher.run(*command, "--role", role)
        report.check(answer.status == 1 and answer.one_line and role in answer.err,
                     f"{role} may not {' '.join(command[:2])}", answer)
    answer = advertiser.run("table", "rule", "publisher_audience", "rule.json")
    report.check(answer.status == 1 and answer.one_line, "nobody sets the rule of another member's table", answer)


def check_foreign_client(report, server, advertiser):
    if not NODE_MODULES.exists() or shutil.which("node") is None:
        raise Failure("node or its packages are missing: run scripts/setup")
    status, out = grpc_js(server, advertiser, "analyst", "health")
    report.check(status == 0 and "SERVING" in out, "@grpc/grpc-js gets SERVING from the health service", out)
    status, out = grpc_js(server, advertiser, "analyst", "health", certificate=False)
    report.check(status != 0, "and nothing without a certificate", out)
    request = {"collaboration": "lab", "sql": "SELECT user_id_hash FROM publisher_audience"}
    status, out = grpc_js(server, advertiser, "analyst", "call", "sealroom.v1.QueryService", "RunQuery", json.dumps(request))
    report.check("PERMISSION_DENIED" in out or '"code":7' in out.replace(" ", ""),
                 "a refused query reaches it as PERMISSION_DENIED", out)
    report.check("user_id_hash" in out and "publisher_audience" in out and "reason" in out,
                 "with the reason, table and column as google.rpc.ErrorInfo", out)


def main():
    report = Report()
    with room() as server:
        publisher, advertiser = lab(server)
        check_certificates(report, server, publisher)
        check_roles(report, publisher, advertiser)
        check_foreign_client(report, server, advertiser)
    report.finish()


main()
