"""Guessing is slow, and nobody is locked out for ever."""

from datetime import timedelta
from ipaddress import ip_address

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from repo.db import db, now, transaction
from repo.errors import TooManyError
from repo.members.models import Attempt
from repo.members.throttle import Limit, count_attempt, forget_attempts, forgive, take_back

LIMIT = Limit("test", free=3, longest=60)


def attempt(value: str = "aibek@example.kg") -> int:
    """The seconds that the attempt has to wait; 0: it was let through."""
    try:
        with transaction():
            count_attempt(LIMIT, value)
    except TooManyError as error:
        return error.retry_after
    return 0


def test_waits_grow_and_end(context: Flask, clock: time_machine.Traveller) -> None:
    waits = []
    for _ in range(10):
        wait = attempt()
        waits.append(wait)
        clock.shift(wait)
        if wait:
            assert attempt() == 0, "after the wait the next attempt is let through"
    assert waits == [0, 0, 0, 3, 5, 9, 17, 33, 61, 61]


def test_whoever_does_not_wait_is_not_counted(context: Flask, clock: time_machine.Traveller) -> None:
    """Else somebody could keep an account closed by knocking all the time."""
    for _ in range(3):
        attempt()
    for _ in range(50):
        assert attempt() == 3
    clock.shift(3)
    assert attempt() == 0


def test_a_day_later_all_is_forgotten(context: Flask, clock: time_machine.Traveller) -> None:
    for _ in range(4):
        clock.shift(attempt())
    clock.shift(timedelta(hours=25))
    assert [attempt() for _ in range(3)] == [0, 0, 0]


def test_keys_do_not_meet(context: Flask, clock: time_machine.Traveller) -> None:
    for _ in range(3):
        attempt("one")
    assert attempt("one") > 0
    assert attempt("two") == 0


def test_the_right_password_forgives(context: Flask, clock: time_machine.Traveller) -> None:
    for _ in range(3):
        attempt()
    with transaction():
        forgive(LIMIT, "aibek@example.kg")
    assert attempt() == 0


def test_an_own_account_does_not_pay_for_guesses(context: Flask, clock: time_machine.Traveller) -> None:
    """Two guesses, then a right password of one's own, again and again: the guesses still add up."""
    guesses = 0
    for _ in range(4):
        if attempt() == 0:
            guesses += 1
        if attempt() == 0:
            with transaction():
                take_back(LIMIT, "aibek@example.kg")
    assert guesses < 4
    assert attempt() > 0


def test_the_table_names_nobody(context: Flask) -> None:
    attempt("aibek@example.kg")
    assert "aibek" not in db.session.scalars(sa.select(Attempt.key)).one()


def test_a_household_of_ipv6_is_one_address(context: Flask) -> None:
    with transaction():
        count_attempt(LIMIT, ip_address("2001:db8::1"))
        count_attempt(LIMIT, ip_address("2001:db8::ffff:1"))
        count_attempt(LIMIT, ip_address("2001:db8:0:1::1"))
    assert sorted(db.session.scalars(sa.select(Attempt.count))) == [1, 2]


def test_rows_that_slow_nobody_are_removed(context: Flask, clock: time_machine.Traveller) -> None:
    attempt("old")
    clock.shift(timedelta(hours=25))
    attempt("new")
    with transaction():
        assert forget_attempts(now()) == 1


@pytest.mark.parametrize("count", [10, 1000])
def test_no_number_of_attempts_breaks_the_arithmetic(context: Flask, clock: time_machine.Traveller, count: int) -> None:
    attempt()
    with transaction() as session:
        session.execute(sa.update(Attempt).values(count=count))
    assert attempt() == 61
