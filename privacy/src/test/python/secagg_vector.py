#!/usr/bin/env python3
"""Computes the test vectors of Parley's secure aggregation again, from docs/SECURE_AGGREGATION.md alone.

Shares no code with the Java implementation and needs nothing but Python's standard library: X25519, Ed25519 and AES-256
are written out below, for correctness on small inputs. They are slow, and not constant in time: never use them for
secrets.

    python3 secagg_vector.py session.json primitives.json

Prints a line for each item; exits with 1 if any differs. Not computed again: ML-KEM-768 beyond its shared secret (the
ciphertext is taken as recorded) and ML-DSA-65 signatures.
"""

import hashlib
import hmac
import json
import struct
import sys

PROTOCOL = b"parley-secagg-v1/"
P61 = 2**61 - 1
LIMB_BYTES = (7, 7, 6, 6, 6)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# HKDF-SHA256 (RFC 5869) with the protocol's labels

def expand(key, label, context=b""):
    """One block is enough: every derived key has 32 bytes."""
    return hmac.digest(key, PROTOCOL + label + b"\0" + context + b"\1", "sha256")


def pair_secret(x25519_secret, ml_kem_secret, encapsulation):
    extracted = hmac.digest(PROTOCOL + b"extract", x25519_secret + ml_kem_secret, "sha256")
    return expand(extracted, b"pair-secret", encapsulation)


# X25519 (RFC 7748)

P255 = 2**255 - 19


def x25519(scalar, point):
    k = bytearray(scalar)
    k[0] &= 248
    k[31] = k[31] & 127 | 64
    k = int.from_bytes(k, "little")
    x1 = int.from_bytes(point, "little") & (2**255 - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P255, b * b % P255, d * a % P255, c * b % P255
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P255, x1 * (da - cb) ** 2 % P255
        x2, z2 = aa * bb % P255, e * (aa + 121665 * e) % P255
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P255 - 2, P255) % P255).to_bytes(32, "little")


# Ed25519 (RFC 8032), points as (x, y)

D = -121665 * pow(121666, P255 - 2, P255) % P255
ORDER = 2**252 + 27742317777372353535851937790883648493


def ed_add(p, q):
    (x1, y1), (x2, y2) = p, q
    t = D * x1 * x2 * y1 * y2 % P255
    x = (x1 * y2 + x2 * y1) * pow(1 + t, P255 - 2, P255) % P255
    y = (y1 * y2 + x1 * x2) * pow(1 - t, P255 - 2, P255) % P255
    return x, y


def ed_times(k, p):
    result = (0, 1)
    while k:
        if k & 1:
            result = ed_add(result, p)
        p = ed_add(p, p)
        k >>= 1
    return result


def ed_x(y, sign):
    xx = (y * y - 1) * pow(D * y * y + 1, P255 - 2, P255) % P255
    x = pow(xx, (P255 + 3) // 8, P255)
    if (x * x - xx) % P255:
        x = x * pow(2, (P255 - 1) // 4, P255) % P255
    if (x * x - xx) % P255:
        raise ValueError("no point of the curve")
    return x if x & 1 == sign else P255 - x


def ed_encode(p):
    return (p[1] | (p[0] & 1) << 255).to_bytes(32, "little")


BASE_Y = 4 * pow(5, P255 - 2, P255) % P255
BASE = (ed_x(BASE_Y, 0), BASE_Y)


def ed_sign(secret, message):
    h = hashlib.sha512(secret).digest()
    a = int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254
    public = ed_encode(ed_times(a, BASE))
    r = int.from_bytes(hashlib.sha512(h[32:] + message).digest(), "little") % ORDER
    big_r = ed_encode(ed_times(r, BASE))
    k = int.from_bytes(hashlib.sha512(big_r + public + message).digest(), "little") % ORDER
    return public, big_r + ((r + k * a) % ORDER).to_bytes(32, "little")


# AES-256 (FIPS 197), counter mode (SP 800-38A) and GCM (SP 800-38D)

def times_x(a):
    return a << 1 & 0xFF ^ (0x1B if a & 0x80 else 0)


def make_sbox():
    exp, log, value = [0] * 255, [0] * 256, 1
    for i in range(255):
        exp[i], log[value] = value, i
        value ^= times_x(value)
    box = []
    for i in range(256):
        b = exp[-log[i] % 255] if i else 0
        s = 0x63
        for shift in range(5):
            s ^= (b << shift | b >> 8 - shift) & 0xFF
        box.append(s)
    return box


SBOX = make_sbox()


class Aes256:
    def __init__(self, key):
        words = [list(key[i:i + 4]) for i in range(0, 32, 4)]
        rcon = 1
        for i in range(8, 60):
            word = list(words[i - 1])
            if i % 8 == 0:
                word = [SBOX[b] for b in word[1:] + word[:1]]
                word[0] ^= rcon
                rcon = times_x(rcon)
            elif i % 8 == 4:
                word = [SBOX[b] for b in word]
            words.append([a ^ b for a, b in zip(words[i - 8], word)])
        self.round_keys = [sum(words[i:i + 4], []) for i in range(0, 60, 4)]

    def block(self, block):
        state = [a ^ b for a, b in zip(block, self.round_keys[0])]
        for number, key in enumerate(self.round_keys[1:], 1):
            state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if number < 14:
                mixed = []
                for column in range(0, 16, 4):
                    c = state[column:column + 4]
                    total = c[0] ^ c[1] ^ c[2] ^ c[3]
                    mixed += [c[i] ^ total ^ times_x(c[i] ^ c[(i + 1) % 4]) for i in range(4)]
                state = mixed
            state = [a ^ b for a, b in zip(state, key)]
        return bytes(state)

    def counter_stream(self, first, length):
        stream = b""
        while len(stream) < length:
            stream += self.block(first.to_bytes(16, "big"))
            first += 1
        return stream[:length]


def ghash(h, data):
    h, y = int.from_bytes(h, "big"), 0
    for i in range(0, len(data), 16):
        x, z = y ^ int.from_bytes(data[i:i + 16], "big"), 0
        v = h
        for bit in reversed(range(128)):
            if x >> bit & 1:
                z ^= v
            v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
        y = z
    return y.to_bytes(16, "big")


def padded(data):
    return data + bytes(-len(data) % 16)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def seal(key, message, bound):
    """AES-256-GCM with a nonce of 12 zero bytes: the pre-counter block is 1."""
    aes = Aes256(key)
    text = xor(message, aes.counter_stream(2, len(message)))
    lengths = struct.pack(">QQ", 8 * len(bound), 8 * len(text))
    tag = xor(ghash(aes.block(bytes(16)), padded(bound) + padded(text) + lengths), aes.block((1).to_bytes(16, "big")))
    return text + tag


def open_box(key, box, bound):
    message = xor(box[:-16], Aes256(key).counter_stream(2, len(box) - 16))
    if seal(key, message, bound) != box:
        raise ValueError("the box does not open")
    return message


# Shamir's sharing over GF(2^61 - 1)

def limbs(secret):
    out, at = [], 0
    for size in LIMB_BYTES:
        out.append(int.from_bytes(secret[at:at + size], "little"))
        at += size
    return out


def secret_of(values):
    if any(v >> 8 * size for v, size in zip(values, LIMB_BYTES)):
        raise ValueError("the shares are of no secret")
    return b"".join(v.to_bytes(size, "little") for v, size in zip(values, LIMB_BYTES))


def words(share):
    values = struct.unpack("<5Q", share)
    if any(v >= P61 for v in values):
        raise ValueError("a value that is no field element")
    return values


def deal(secret, coefficients, holders):
    rows = [limbs(secret)] + [words(c) for c in coefficients]
    shares = []
    for holder in range(holders):
        x = holder + 1
        shares.append(struct.pack("<5Q", *(
            sum(row[limb] * pow(x, power, P61) for power, row in enumerate(rows)) % P61 for limb in range(5))))
    return shares


def recover(shares, threshold):
    """Of {holder: share}, the threshold's lowest, by Lagrange's formula at 0."""
    chosen = sorted(shares)[:threshold]
    values = [0] * 5
    for i in chosen:
        weight = 1
        for j in chosen:
            if j != i:
                weight = weight * (j + 1) * pow(j - i, P61 - 2, P61) % P61
        for limb, value in enumerate(words(shares[i])):
            values[limb] = (values[limb] + weight * value) % P61
    return secret_of(values)


# The ring

def mask(seed, length):
    return struct.unpack("<%dI" % length, Aes256(seed).counter_stream(0, 4 * length))


def pack(elements, bits):
    total = 0
    for k, element in enumerate(elements):
        total |= element % 2**bits << k * bits
    return total.to_bytes((len(elements) * bits + 7) // 8, "little")


def unpack(packed, bits, length):
    total = int.from_bytes(packed, "little")
    return [total >> k * bits & 2**bits - 1 for k in range(length)]


def centred(element, bits):
    element %= 2**bits
    return element - 2**bits if element >> bits - 1 else element


# Who is in which sum

def seeded_order(count, seed):
    """Fisher and Yates's, of the stream that count and seed give."""
    aes = Aes256(sha256(b"parley sharing graph v1\0", struct.pack(">I", count), seed))
    words, block, order = [], 0, list(range(count))
    for e in range(count - 1, 0, -1):
        limit = 2**32 // (e + 1) * (e + 1)
        while True:
            if not words:
                words, block = list(struct.unpack("<4I", aes.block(block.to_bytes(16, "big")))), block + 1
            word = words.pop(0)
            if word < limit:
                break
        order[e], order[word % (e + 1)] = order[word % (e + 1)], order[e]
    return order


def groups_of(count, groups, seed):
    """The group of each member."""
    order, group_of = seeded_order(count, seed), [0] * count
    for group in range(groups):
        for member in order[count * group // groups:count * (group + 1) // groups]:
            group_of[member] = group
    return group_of


# Reporting

class Report:
    def __init__(self):
        self.differences = 0

    def same(self, what, expected, computed):
        if expected == computed:
            print("OK   " + what)
        else:
            self.differences += 1
            print("DIFF %s\n     recorded %s\n     computed %s" % (what, short(expected), short(computed)))

    def refused(self, what, attempt):
        try:
            attempt()
        except ValueError:
            print("OK   refused: " + what)
            return
        self.differences += 1
        print("DIFF not refused: " + what)


def short(value):
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) < 200 else text[:200] + "..."


def raw(item, field):
    return bytes.fromhex(item[field])


# The vectors

def check_primitives(report, vectors):
    for item in vectors["derivations"]:
        derived = expand(raw(item, "key"), item["label"].encode(), raw(item, "context"))
        report.same("derivation %s, context of %d bytes" % (item["label"], len(item["context"]) // 2),
                    raw(item, "derived"), derived)
    for item in vectors["masks"]:
        stream = mask(raw(item, "seed"), len(item["words"]))
        report.same("mask of %d words" % len(stream), item["words"], [centred(w, 32) for w in stream])
    for item in vectors["packings"]:
        report.same("packing at %d bits" % item["bits"], raw(item, "packed"), pack(item["elements"], item["bits"]))
    for item in vectors["boxes"]:
        box = seal(raw(item, "key"), raw(item, "message"), raw(item, "bound"))
        report.same("box over %d bytes" % (len(item["message"]) // 2), raw(item, "box"), box)
        report.refused("a damaged box", lambda: open_box(
            raw(item, "key"), bytes([box[0] ^ 1]) + box[1:], raw(item, "bound")))
    for item in vectors["sharings"]:
        name = "%d of %d" % (item["threshold"], item["holders"])
        shares = deal(raw(item, "secret"), [bytes.fromhex(c) for c in item["coefficients"]], item["holders"])
        report.same("shares " + name, item["shares"], [s.hex() for s in shares])
        last = dict(list(enumerate(shares))[-item["threshold"]:])
        report.same("recovery " + name, raw(item, "secret"), recover(last, item["threshold"]))
    for item in vectors["inconsistentShares"]:
        shares = {s["holder"]: raw(s, "share") for s in item["shares"]}
        report.refused(item["why"], lambda: recover(shares, item["threshold"]))
    for item in vectors["groupings"]:
        report.same("%d groups of %d members" % (item["groups"], item["members"]), item["groupOf"],
                    groups_of(item["members"], item["groups"], raw(item, "seed")))


def read_roster(data):
    """Positions of what an announcement holds; the signatures' ML-DSA half is not verified here."""
    members, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        body = data[at + 4:at + 4 + size]
        at += 4 + size
        fields, pos = {}, 0
        for name in ("federation", "site"):
            length = body[pos]
            fields[name] = body[pos + 1:pos + 1 + length].decode()
            pos += 1 + length
        for name, length in (("epoch", 8), ("ed25519", 32), ("mlDsa", 1952), ("x25519", 32), ("mlKem", 1184),
                             ("signed", 0), ("edSignature", 64), ("dsaSignature", 3309)):
            fields[name] = body[:pos] if name == "signed" else body[pos:pos + length]
            pos += length
        if pos != size:
            raise ValueError("an announcement has %d bytes, read %d" % (size, pos))
        members.append(fields)
    return members


def members_of(bitset):
    return [i for i in range(8 * len(bitset)) if bitset[i // 8] >> i % 8 & 1]


class Session:
    def __init__(self, report, vector):
        self.report, self.vector = report, vector
        self.members = vector["members"]
        self.roster = read_roster(raw(vector, "roster"))
        self.n, self.threshold, self.bits = len(self.roster), vector["threshold"], vector["bits"]
        self.cohort = members_of(raw(vector, "cohort"))
        self.survivors = members_of(raw(vector, "survivors"))
        self.lost = [i for i in self.cohort if i not in self.survivors]
        self.roster_hash = sha256(raw(vector, "roster"))
        self.id = sha256(b"parley-secagg-v1/session\0", struct.pack(
            ">4I", vector["purpose"], self.threshold, vector["colluding"], vector["degree"]),
            raw(vector, "plan"), self.roster_hash)
        if vector["groups"] != 1:
            raise ValueError("sessions of one sum are recomputed here")
        self.subject = raw(vector, "subject")
        self.mask_seeds = {}
        self.seal_keys = {}

    def context(self, dealer, holder):
        return self.id + struct.pack(">2I", dealer, holder)

    def vector_seed(self, seed):
        """What the mask of a vector that was made from the subject expands from."""
        return expand(seed, b"vector", self.subject)

    def commitment(self, dealer, holder, kind, share):
        return sha256(b"parley-secagg-v1/share\0", self.id, struct.pack(">3I", dealer, holder, kind), share)[:16]

    def check(self):
        self.check_names()
        for pair in self.vector["pairs"]:
            self.check_pair(pair)
        for dealer in self.cohort:
            self.check_deal(dealer)
        for member in self.survivors:
            self.check_upload(member)
            self.check_confirmation(member)
            self.check_opening(member)
        self.check_sum()

    def check_names(self):
        same = self.report.same
        same("roster hash", raw(self.vector, "rosterHash"), self.roster_hash)
        same("session id", raw(self.vector, "sessionId"), self.id)
        same("occasion", raw(self.vector, "occasion"),
             sha256(b"parley-secagg-v1/occasion\0", bytes([self.vector["purpose"]]), raw(self.vector, "plan")))
        for announced, member in zip(self.roster, self.members):
            public, signature = ed_sign(raw(member, "ed25519Secret"),
                                        b"parley-secagg-v1/announcement\0" + announced["signed"])
            same("identity of " + member["site"], announced["ed25519"], public)
            same("announcement signature of " + member["site"], announced["edSignature"], signature)
            same("announced X25519 key of " + member["site"], announced["x25519"],
                 x25519(raw(member, "x25519Secret"), (9).to_bytes(32, "little")))
            same("name and epoch of " + member["site"], (member["site"], member["epoch"], self.vector["federation"]),
                 (announced["site"], int.from_bytes(announced["epoch"], "big"), announced["federation"]))

    def check_pair(self, pair):
        i, j = pair["first"], pair["second"]
        name = " of %d and %d" % (i, j)
        for mine, other in ((i, j), (j, i)):
            self.report.same("X25519 secret%s, at %d" % (name, mine), raw(pair, "x25519"),
                             x25519(raw(self.members[mine], "x25519Secret"), self.roster[other]["x25519"]))
        key_hash = hashlib.sha3_256(self.roster[j]["mlKem"]).digest()
        self.report.same("ML-KEM secret" + name, raw(pair, "mlKem"),
                         hashlib.sha3_512(raw(pair, "mlKemDrawn") + key_hash).digest()[:32])
        secret = pair_secret(raw(pair, "x25519"), raw(pair, "mlKem"), raw(pair, "encapsulation"))
        self.report.same("pair secret" + name, raw(pair, "pairSecret"), secret)
        key = expand(secret, b"pair-key", self.roster_hash)
        self.report.same("pair key" + name, raw(pair, "pairKey"), key)
        seed = expand(key, b"mask", self.id)
        self.report.same("mask seed" + name, raw(pair, "maskSeed"), seed)
        self.mask_seeds[i, j] = self.mask_seeds[j, i] = seed
        self.report.same("vector seed" + name, raw(pair, "vectorSeed"), self.vector_seed(seed))
        for a, b, field in ((i, j, "sealFirstToSecond"), (j, i, "sealSecondToFirst")):
            self.seal_keys[a, b] = expand(key, b"seal", self.context(a, b))
            self.report.same("sealing key from %d to %d" % (a, b), raw(pair, field), self.seal_keys[a, b])

    def check_deal(self, dealer):
        member, same = self.members[dealer], self.report.same
        recovery = deal(raw(member, "recoveryKey"), [bytes.fromhex(c) for c in member["recoveryCoefficients"]], self.n)
        own = deal(raw(member, "selfSeed"), [bytes.fromhex(c) for c in member["selfCoefficients"]], self.n)
        same("vector seed of %d" % dealer, raw(member, "selfVectorSeed"), self.vector_seed(raw(member, "selfSeed")))
        same("recovery shares of %d" % dealer, member["recoveryShares"], [s.hex() for s in recovery])
        same("self shares of %d" % dealer, member["selfShares"], [s.hex() for s in own])
        for dealt in member["dealt"]:
            holder = dealt["to"]
            box = b"" if holder == dealer else seal(
                self.seal_keys[dealer, holder], recovery[holder] + own[holder], self.context(dealer, holder))
            same("box from %d to %d" % (dealer, holder), raw(dealt, "box"), box)
            same("commitment of %d for %d" % (dealer, holder), raw(dealt, "commitment"),
                 self.commitment(dealer, holder, 1, recovery[holder]) + self.commitment(dealer, holder, 2, own[holder]))
        seeds = b"".join(self.mask_seeds[dealer, peer] for peer in range(self.n) if peer != dealer)
        same("deposit of %d" % dealer, raw(member, "deposit"),
             seal(raw(member, "recoveryKey"), seeds, self.context(dealer, dealer)))

    def check_upload(self, me):
        member = self.members[me]
        ring = list(member["vector"])
        terms = [(raw(member, "selfSeed"), 1)]
        terms += [(self.mask_seeds[me, peer], 1 if me < peer else -1) for peer in self.cohort if peer != me]
        for seed, sign in terms:
            ring = [x + sign * m for x, m in zip(ring, mask(self.vector_seed(seed), len(ring)))]
        self.report.same("upload of %d" % me, raw(member, "upload"), pack(ring, self.bits))

    def check_confirmation(self, me):
        statement = b"parley-secagg-v1/survivors\0" + self.id + self.subject + raw(
            self.vector, "survivors")
        self.report.same("confirmation statement", raw(self.vector, "confirmationStatement"), statement)
        member = self.members[me]
        self.report.same("confirmation of %d" % me, raw(member, "confirmation"),
                         ed_sign(raw(member, "ed25519Secret"), statement)[1])

    def check_opening(self, me):
        opening = self.members[me]["opening"]
        expected = [(d, 2, self.members[d]["selfShares"][me]) if d in self.survivors
                    else (d, 1, self.members[d]["recoveryShares"][me]) for d in self.cohort]
        self.report.same("opening of %d" % me, [(o["dealer"], o["kind"], o["share"]) for o in opening], expected)

    def check_sum(self):
        """As a coordinator does it: from uploads, openings and deposits alone."""
        length = len(self.vector["sum"])
        total = [0] * length
        for member in self.survivors:
            upload = unpack(raw(self.members[member], "upload"), self.bits, length)
            total = [a + b for a, b in zip(total, upload)]
        for dealer in self.cohort:
            shares = {}
            for holder in self.survivors:
                for opened in self.members[holder]["opening"]:
                    if opened["dealer"] == dealer:
                        shares[holder] = raw(opened, "share")
            secret = recover(shares, self.threshold)
            if dealer in self.survivors:
                self.report.same("recovered self seed of %d" % dealer, raw(self.members[dealer], "selfSeed"), secret)
                total = [a - m for a, m in zip(total, mask(self.vector_seed(secret), length))]
                continue
            self.report.same("recovered key of %d" % dealer, raw(self.members[dealer], "recoveryKey"), secret)
            seeds = open_box(secret, raw(self.members[dealer], "deposit"), self.context(dealer, dealer))
            peers = [p for p in range(self.n) if p != dealer]
            for at, peer in enumerate(peers):
                if peer in self.survivors:
                    sign = 1 if peer < dealer else -1
                    seed = self.vector_seed(seeds[32 * at:32 * at + 32])
                    total = [a - sign * m for a, m in zip(total, mask(seed, length))]
        result = [centred(x, self.bits) for x in total]
        self.report.same("opened sum", self.vector["sum"], result)
        plain = [sum(self.members[m]["vector"][k] for m in self.survivors) for k in range(length)]
        self.report.same("opened sum is the plain sum", result, [centred(x, self.bits) for x in plain])


def self_test(report):
    """Published values, so that an error here is not taken for one in the vectors."""
    report.same("AES-256 of FIPS 197, C.3", "8ea2b7ca516745bfeafc49904b496089",
                Aes256(bytes(range(32))).block(bytes.fromhex("00112233445566778899aabbccddeeff")).hex())
    report.same("GCM test case 14 of McGrew and Viega",
                "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
                seal(bytes(32), bytes(16), b"").hex())
    report.same("X25519 of RFC 7748, 5.2", "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
                x25519((9).to_bytes(32, "little"), (9).to_bytes(32, "little")).hex())
    report.same("Ed25519 of RFC 8032, 7.1, test 1", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                ed_sign(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"), b"")[0].hex())


def main(paths):
    report = Report()
    self_test(report)
    for path in paths:
        with open(path) as file:
            vector = json.load(file)
        if "members" in vector:
            Session(report, vector).check()
        else:
            check_primitives(report, vector)
    print("%d differences" % report.differences)
    return 1 if report.differences or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
