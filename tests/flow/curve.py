"""Points of curve25519 as overlap sessions have them (u-coordinates, 32 bytes little-endian), good and bad, and the
bytes that members sign. Written from RFC 7748 and DESIGN 4.2 alone.
"""

import hashlib
import random
import subprocess

P = 2**255 - 19
A = 486662
ORDER_8 = 325606250916557431795983626356110631294008115727848805560023387167927233504


def encode(u):
    return u.to_bytes(32, "little")


def is_on_curve(u):
    square = (u * u * u + A * u * u + u) % P
    return square == 0 or pow(square, (P - 1) // 2, P) == 1


def random_points(seed, count):
    """Ascending; some are off the prime-order subgroup, which no server can see."""
    chosen = random.Random(seed)
    found = set()
    while len(found) < count:
        u = chosen.randrange(2, P)
        if is_on_curve(u):
            found.add(encode(u))
    return sorted(found)


def with_torsion(point):
    """The point plus that of order two, (0, 0): the u-coordinate turns over."""
    return encode(pow(int.from_bytes(point, "little"), -1, P))


def on_twist(seed):
    chosen = random.Random(seed)
    while True:
        u = chosen.randrange(2, P)
        if not is_on_curve(u):
            return encode(u)


BAD_POINTS = (
    ("the identity", encode(0)),
    ("a point of order 4", encode(1)),
    ("a point of order 8", encode(ORDER_8)),
    ("p - 1, on the twist", encode(P - 1)),
    ("a point of the twist", on_twist(1)),
    ("p", encode(P)),
    ("a point that is not reduced", encode(P + 9)),
    ("2^255 - 1", encode(2**255 - 1)),
    ("a point with bit 255", encode(9 | 1 << 255)),
    ("all ones", b"\xff" * 32),
)


# ---- what is signed ------------------------------------------------------------------------------

def sign(key, message):
    """With a member's key, as PEM in a file."""
    return subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=message, capture_output=True, check=True).stdout


def digest(points):
    return hashlib.sha256(b"".join(points)).digest()


def part_message(manifest_hash, points):
    return b"SEALROOM-PSI-V01-PART" + manifest_hash + len(points).to_bytes(8, "big") + digest(points)


def confirm_message(terms, nonce):
    return b"SEALROOM-PSI-V01-CONFIRM" + hashlib.sha256(terms).digest() + nonce
