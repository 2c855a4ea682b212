"""Checking digital signatures: RSA and, as some older nanopublications have it, DSA, both with SHA-256.

Only public keys are dealt with here, so that a check needs no library; signing is left to one.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

#: Bits of the longest key that is looked at: longer ones take more time than a check is worth.
_MAX_BITS = 16384
_INTEGER, _BITS, _SEQUENCE = 0x02, 0x03, 0x30
#: What stands before the hash in a signature of RSA: that it is one of SHA-256, in DER.
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


def is_signed(text: str, signature: str, public_key: str, algorithm: str) -> bool:
    """Tell whether a signature of a text was made with the private half of a key, both in Base64.

    >>> is_signed("text", "AAAA", "AAAA", "RSA")
    False
    """
    checks = {"RSA": _check_rsa, "DSA": _check_dsa}
    if algorithm not in checks:
        return False
    try:
        key, sign = (base64.b64decode(value, validate=True) for value in (public_key, signature))
        return checks[algorithm](text.encode(), sign, key)
    except (ValueError, IndexError):
        return False  # not Base64, not DER, or numbers that are no key


def _check_rsa(text: bytes, signature: bytes, key: bytes) -> bool:
    _, (modulus, exponent) = _read_key(key, in_sequence=True)
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature)
    if len(signature) != size or number >= modulus or modulus.bit_length() > _MAX_BITS or exponent >= 1 << 64:
        return False
    tail = b"\0" + _SHA256 + hashlib.sha256(text).digest()
    wanted = b"\0\1" + b"\xff" * (size - 2 - len(tail)) + tail
    return pow(number, exponent, modulus).to_bytes(size) == wanted and size >= len(tail) + 10


def _check_dsa(text: bytes, signature: bytes, key: bytes) -> bool:
    (p, q, g), (y,) = _read_key(key, in_sequence=False)
    r, s = (int.from_bytes(body) for _, body in _read_parts(_read(signature, _SEQUENCE)))
    if not (0 < r < q and 0 < s < q and q < p and p.bit_length() <= _MAX_BITS and q.bit_length() >= 160):
        return False
    inverse = pow(s, -1, q)
    digest = int.from_bytes(hashlib.sha256(text).digest()[: q.bit_length() // 8])
    return pow(g, digest * inverse % q, p) * pow(y, r * inverse % q, p) % p % q == r


def _read_key(key: bytes, in_sequence: bool) -> tuple[list[int], list[int]]:
    """Return the numbers of the algorithm and those of the key."""
    (_, algorithm), (_, bits) = _read_parts(_read(key, _SEQUENCE))
    shared = [part for tag, body in _read_parts(algorithm) if tag == _SEQUENCE for part in _read_parts(body)]
    body = _read(bits[1:], _SEQUENCE) if in_sequence else bits[1:]
    return _integers(shared), _integers(_read_parts(body))


def _integers(parts: Iterator[tuple[int, bytes]] | list[tuple[int, bytes]]) -> list[int]:
    return [int.from_bytes(body) for tag, body in parts if tag == _INTEGER]


def _read(data: bytes, tag: int) -> bytes:
    """Return what the one element of some DER holds; raise ValueError when it is not that, or not alone."""
    ((found, body),) = _read_parts(data)
    if found != tag:
        raise ValueError(f"no element {tag}")
    return body


def _read_parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    r"""Yield the elements of some DER, each with its tag.

    >>> list(_read_parts(bytes.fromhex("020107" "0500")))
    [(2, b'\x07'), (5, b'')]
    """
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(data[at : at + count]), at + count
        if at + length > len(data):
            raise ValueError("an element is longer than the data")
        yield tag, data[at : at + length]
        at += length
