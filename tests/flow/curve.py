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


def multiply(scalar, point):
    """The ladder of RFC 7748, without clamping."""
    u = int.from_bytes(point, "little")
    x2, z2, x3, z3 = 1, 0, u, 1
    for bit in bin(scalar)[2:]:
        if bit == "1":
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        x3, z3 = (d * a + c * b) ** 2 % P, u * (d * a - c * b) ** 2 % P
        e = a * a - b * b
        x2, z2 = a * a * b * b % P, e * (a * a + 121665 * e) % P
        if bit == "1":
            x2, z2, x3, z3 = x3, z3, x2, z2
    return encode(x2 * pow(z2, -1, P) % P)


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


# ---- p256: compressed points of SEC 1, 33 bytes --------------------------------------------------

P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b


def is_on_p256(x):
    square = (x**3 - 3 * x + P256_B) % P256
    return square == 0 or pow(square, (P256 - 1) // 2, P256) == 1


def p256_points(seed, count, on_curve=True):
    """Ascending, of both signs."""
    chosen = random.Random(seed)
    found = set()
    while len(found) < count:
        x = chosen.randrange(P256)
        if is_on_p256(x) == on_curve:
            found.add(bytes([chosen.choice((2, 3))]) + x.to_bytes(32, "big"))
    return sorted(found)


BAD_P256_POINTS = (
    ("the identity", bytes(33)),
    ("the identity with a sign", b"\2" + bytes(32) if not is_on_p256(0) else b"\0" + bytes(32)),
    ("an x that is of no point", p256_points(1, 1, on_curve=False)[0]),
    ("p", b"\2" + P256.to_bytes(32, "big")),
    ("an x that is not reduced", b"\3" + (2**256 - 1).to_bytes(32, "big")),
    ("a point that is not compressed", b"\4" + p256_points(2, 1)[0][1:]),
    ("a hybrid point", b"\6" + p256_points(2, 1)[0][1:]),
    ("another first byte", b"\x82" + p256_points(2, 1)[0][1:]),
    ("all ones", b"\xff" * 33),
)


# ---- hash to the curve, RFC 9380 curve25519_XMD:SHA-512_ELL2_RO_ ---------------------------------

def expand(message, tag, size):
    """expand_message_xmd with SHA-512."""
    suffix = tag + bytes([len(tag)])
    start = hashlib.sha512(bytes(128) + message + size.to_bytes(2, "big") + b"\0" + suffix).digest()
    out, block = b"", bytes(64)
    for i in range(1, -(-size // 64) + 1):
        block = hashlib.sha512(bytes(x ^ y for x, y in zip(start, block)) + bytes([i]) + suffix).digest()
        out += block
    return out[:size]


def root(square):
    """The square root, or None."""
    candidate = pow(square, (P + 3) // 8, P)
    for one in (candidate, candidate * pow(2, (P - 1) // 4, P) % P):
        if one * one % P == square % P:
            return one
    return None


def map_to_curve(field):
    """Elligator 2 with Z = 2 (RFC 9380, 6.7.1): a point (u, v)."""
    x1 = -A * pow(1 + 2 * field * field, -1, P) % P
    v = root(x1**3 + A * x1 * x1 + x1)
    if v is not None:
        return x1, v if v % 2 == 1 else P - v
    x2 = (-x1 - A) % P
    v = root(x2**3 + A * x2 * x2 + x2)
    return x2, v if v % 2 == 0 else P - v


def add(one, other):
    """Affine, of points that are neither the identity nor each other's negative."""
    (x1, y1), (x2, y2) = one, other
    slope = ((3 * x1 * x1 + 2 * A * x1 + 1) * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)) % P
    x3 = (slope * slope - A - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def hash_to_curve(message, tag):
    """The u-coordinate as an encoding."""
    uniform = expand(message, tag, 96)
    point = add(*(map_to_curve(int.from_bytes(uniform[i:i + 48], "big") % P) for i in (0, 48)))
    for _ in range(3): # the cofactor is 8
        point = add(point, point)
    return encode(point[0])


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
