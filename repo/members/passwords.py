"""Passwords: argon2id, and what a password must be.

Parameters are the OWASP ones for argon2id with little memory (19 MiB, 2 passes, 1 lane): the default of the
library, 64 MiB, would let a handful of sign-ins at once take more memory than the whole house.
"""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

SHORTEST, LONGEST = 10, 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_few_at_once = threading.BoundedSemaphore(2)

# Long enough, and tried first by everybody who guesses.
COMMON = frozenset(
    """
    0123456789 0987654321 1111111111 1122334455 1234554321 1234567890 12345678910 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc
    abcdefghij administrator asdfghjkl1 iloveyou12 passw0rd123 password12 password123 password1234 password123456
    qwerty1234 qwerty12345 qwerty123456 qwertyuiop qwertyuiop1 zxcvbnm123 бишкек2024 бишкек2025 бишкек2026 йцукенгшщз
    кыргызстан кыргызстан1 китепкана1 kyrgyzstan kyrgyzstan1 kitepkana1 библиотека библиотека1 пароль1234 пароль12345
    """.split()  # noqa: SIM905 - a list of words is easier to read as words
)


def hash_password(password: str) -> str:
    with _few_at_once:
        return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is right. Takes as long for somebody who has none, so that nobody learns who has one."""
    with _few_at_once:
        try:
            _hasher.verify(password_hash or _nobodys_hash(), password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def password_faults(password: str, *personal: str) -> list[str]:
    """Return what is wrong with a new password, in the reader's language. `personal` are the person's name and address
    (NIST SP 800-63B 3.1.1: length and a list of the usual ones; no rules about digits and signs)."""
    if len(password) < SHORTEST:
        return [_("The password is too short. Minimum length: %(count)s", count=SHORTEST)]
    if len(password) > LONGEST:
        return [_("The password is too long. Maximum length: %(count)s", count=LONGEST)]
    folded = password.casefold().strip()
    if folded in COMMON or len(set(folded)) < 4 or folded in {word.casefold() for word in personal}:
        return [_("This password is easy to guess. Choose another one, for example three words without a connection.")]
    return []


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody")
