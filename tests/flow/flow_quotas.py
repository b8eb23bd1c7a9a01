"""Each quota of the configuration refuses what exceeds it: one line with its name and with what to do next,
exit status 1, nothing half done; and the next smaller thing works.
"""

import time

from harness import LAB_FLAGS, Failure, Member, Report, room, schema, share_secret, upload
from overlap import join_words, propose, write_list
from peers import RawClient, begin

SCHEMA = schema(("id", "fingerprint"), ("note", "cleartext"))
NONE = {name: None for name in (
    "maxCollaborationDisk", "minFreeDisk", "maxUploadBytes", "maxUploadRows", "maxUploadsAtOnce",
    "maxOverlapDisk", "maxOverlapPoints", "maxOverlapSessionsPerPair", "maxOverlapSessionsOpen", "maxCollaborations", "maxMembers", "maxTables", "maxTableVersions", "maxCallsPerMember", "maxCallsPerMinute")}


def write_rows(member, name, rows, width=20):
    """Notes that differ, so that they do not pack."""
    lines = [f"{row},{(str(row * 7919) * width)[:width]}" for row in range(rows)]
    member.write(name, "id,note\n" + "\n".join(lines) + "\n")


def tables(member):
    listed = member.must("table", "list", "--output", "json", "--collab", "lab").json()["tables"]
    return {table["name"]: (table["version"], table["rows"]) for table in listed}


class Quotas:
    def __init__(self, report, server):
        self.report, self.server = report, server
        self.owner, self.partner = Member(server, "publisher"), Member(server, "advertiser")

    def only(self, **quota):
        self.server.configure(**{**NONE, **quota})

    def upload(self, table, csv):
        return upload(self.owner, table, csv, SCHEMA, "--collab", "lab")

    def refused(self, name, answer, *words):
        good = answer.status == 1 and answer.one_line and f"quota {name}: " in answer.err
        self.report.check(good and all(word in answer.err for word in words),
                          f"{name}: refused in one line with its name", answer)

    def works(self, name, answer, what):
        self.report.check(answer.status == 0, f"{name}: {what}", answer)

    def prepare(self):
        share_secret(self.owner, self.partner)
        self.owner.must("collab", "create", "lab", *LAB_FLAGS)
        self.owner.must("collab", "invite", "lab", "advertiser")
        self.partner.must("collab", "accept", "lab")
        write_rows(self.owner, "small.csv", 100)
        write_rows(self.owner, "large.csv", 20000, 200)
        if self.upload("steady", "small.csv").status != 0:
            raise Failure("the first upload failed")


def uploads(quotas):
    """Quotas that an upload meets on its way: after each refusal the same table takes the smaller file."""
    steady = {"steady": (1, 100)}
    for name, most, word in (("maxUploadRows", 1000, "more than 1000 rows"),
                             ("maxUploadBytes", "64K", "larger than 65536 bytes"),
                             ("maxCollaborationDisk", "3M", "3145728 bytes in all")):
        quotas.only(**{name: most})
        quotas.refused(name, quotas.upload("new", "large.csv"), word, "ask the operator")
        quotas.report.check(tables(quotas.owner) == steady, f"{name}: nothing of it is visible", tables(quotas.owner))
        quotas.works(name, quotas.upload("steady", "small.csv"), "the next smaller upload works")
        steady["steady"] = (steady["steady"][0] + 1, 100)
        quotas.report.check(tables(quotas.owner) == steady, f"{name}: it is visible", tables(quotas.owner))
    quotas.only(minFreeDisk="16384G")
    quotas.refused("minFreeDisk", quotas.upload("steady", "small.csv"), "no room", "ask the operator")
    quotas.works("minFreeDisk", quotas.owner.run("collab", "list"), "what is no upload goes on")


def kept(quotas):
    quotas.only(maxTables=1)
    quotas.refused("maxTables", quotas.upload("second", "small.csv"), '"publisher" has 1 tables in collaboration "lab"')
    write_rows(quotas.partner, "small.csv", 100)
    theirs = upload(quotas.partner, "theirs", "small.csv", SCHEMA, "--collab", "lab")
    quotas.works("maxTables", theirs, "a partner has as many of its own")
    quotas.works("maxTables", quotas.upload("steady", "small.csv"), "a further version of a table works")
    version = tables(quotas.owner)["steady"][0]
    quotas.only(maxTableVersions=version)
    quotas.refused("maxTableVersions", quotas.upload("steady", "small.csv"), f'table "steady" has {version} versions')
    quotas.works("maxTableVersions", quotas.upload("second", "small.csv"), "another table works")
    quotas.owner.must("table", "delete", "steady", "--old", "--yes", "--collab", "lab")
    quotas.works("maxTableVersions", quotas.upload("steady", "small.csv"), "after deleting old versions it works")
    quotas.only(maxMembers=2)
    quotas.refused("maxMembers", quotas.owner.run("collab", "invite", "lab", "third"), "2 members and invitations")
    answer = quotas.partner.run("collab", "invite", "lab", "third")
    quotas.report.check(answer.status == 1 and "quota" not in answer.err,
                        "maxMembers: who may not invite is told that, and nothing of the quota", answer)
    quotas.only(maxCollaborations=2)
    quotas.owner.must("collab", "create", "second")
    quotas.refused("maxCollaborations", quotas.owner.run("collab", "create", "third"), "has created 2 collaborations")
    quotas.works("maxCollaborations", quotas.partner.run("collab", "create", "third"), "another member has its own")


def lists(quotas):
    """Lists of overlap sessions, refused by their length before a point of them is taken."""
    quotas.only()
    members = {member.name: member for member in (quotas.owner, quotas.partner)}
    session = propose(members, "--collab", "lab", "--cap", 1000)
    write_list(quotas.owner, [f"u{i}" for i in range(200)])
    for name, most, word in (("maxOverlapDisk", "4K", "4096 bytes in all"), ("minFreeDisk", "16384G", "no room")):
        quotas.only(**{name: most})
        quotas.refused(name, quotas.owner.run(*join_words(session)), word, "ask the operator")
    quotas.only(maxOverlapDisk="32K")
    quotas.works("maxOverlapDisk", quotas.owner.run(*join_words(session)), "a list that fits is taken")
    write_list(quotas.partner, [f"u{i}" for i in range(100, 400)])
    quotas.works("maxOverlapDisk", quotas.partner.run(*join_words(session)), "and goes its way with the partner's")
    quotas.owner.must("overlap", "cancel", session)


def sessions(quotas):
    """Overlap sessions themselves: how large they may be, and how many wait or run."""
    pair = {member.name: member for member in (quotas.owner, quotas.partner)}
    terms = ("--collab", "lab", *(word for name in pair for word in ("--member", name)), "--minimum", 0)

    def opened(member, cap=1000):
        return member.run("overlap", "open", *terms, "--cap", cap, "--output", "json")

    quotas.only(maxOverlapPoints=1000)
    quotas.refused("maxOverlapPoints", opened(quotas.owner, 1001), 'the cap of "publisher"', "1000 points")
    answer = opened(quotas.owner)
    quotas.works("maxOverlapPoints", answer, "a cap as large as that is taken")
    first = answer.json()["session"]
    quotas.only(maxOverlapSessionsOpen=1)
    quotas.refused("maxOverlapSessionsOpen", opened(quotas.owner), '"publisher" has opened 1 overlap sessions', "cancel one")
    second = opened(quotas.partner)
    quotas.works("maxOverlapSessionsOpen", second, "another member has its own")
    for member in pair.values():
        member.must("overlap", "confirm", first, "--yes")
    third = opened(quotas.owner)
    quotas.works("maxOverlapSessionsOpen", third, "and once all have confirmed the next works")
    # Earlier sessions of these two count as well.
    quotas.only(maxOverlapSessionsPerPair=3)
    for member in pair.values():
        quotas.works("maxOverlapSessionsPerPair", member.run("overlap", "confirm", second.json()["session"], "--yes"), "the last is confirmed")
    confirmed = [member.run("overlap", "confirm", third.json()["session"], "--yes") for member in pair.values()]
    quotas.works("maxOverlapSessionsPerPair", confirmed[0], "one more waits")
    quotas.refused("maxOverlapSessionsPerPair", confirmed[1], '"advertiser" and "publisher" have begun', "wait, or ask the operator")
    quotas.refused("maxOverlapSessionsPerPair", opened(quotas.partner), '"advertiser" and "publisher" have begun', "wait, or ask the operator")
    for session in (first, second.json()["session"], third.json()["session"]):
        quotas.owner.must("overlap", "cancel", session)


def until(run, refused):
    """Runs it again and again until it is refused, or until it works."""
    for _ in range(500):
        answer = run()
        if (answer.status != 0) == refused:
            break
    return answer


def at_once(quotas, name, run, word, what):
    """Quotas of what is under way, met while an upload stands still. It takes a moment to end."""
    quotas.only(**{name: 1})
    client = RawClient(quotas.server)
    stalled = client.start("publisher", "owner", "TableService/Upload", begin("stalled", collaboration="lab"),
                           {"wait": 1}, {"tell": True}, {"wait": 2}, deadline_ms=300_000)
    client.wait_told(stalled)
    quotas.refused(name, run(), word)
    quotas.works(name, quotas.partner.run("ping"), "another member has its own")
    client.process.kill()
    quotas.works(name, until(run, False), what)
    client.close()


def calls(quotas):
    at_once(quotas, "maxUploadsAtOnce", lambda: quotas.upload("steady", "small.csv"), "has 1 uploads under way",
            "after that upload has ended the next works")
    at_once(quotas, "maxCallsPerMember", lambda: quotas.owner.run("ping"), "has 1 calls under way",
            "after that call has ended the next works")
    quotas.only(maxCallsPerMinute=12)
    answer = until(lambda: quotas.owner.run("ping"), True)
    quotas.refused("maxCallsPerMinute", answer, "12 calls", "try again in ")
    quotas.works("maxCallsPerMinute", quotas.partner.run("ping"), "another member has its own")
    seconds = int(answer.err.rsplit(" in ", 1)[1].split()[0]) if "try again in " in answer.err else 0
    quotas.report.check(1 <= seconds <= 5, "maxCallsPerMinute: it says how long to wait", answer)
    time.sleep(seconds)
    quotas.works("maxCallsPerMinute", quotas.owner.run("ping"), "after so long the call works")


def main():
    report = Report()
    with room() as server:
        quotas = Quotas(report, server)
        quotas.prepare()
        uploads(quotas)
        kept(quotas)
        lists(quotas)
        sessions(quotas)
        calls(quotas)
    report.finish()


main()
