"""What every implementation of `Owners` promises."""

from __future__ import annotations

from .conftest import OpenOwners


def test_a_process_lives_for_itself_and_for_others(open_owners: OpenOwners) -> None:
    one, other = open_owners(), open_owners()
    assert one.token != other.token
    assert one.lives(one.token)
    assert one.lives(other.token) and other.lives(one.token)


def test_a_process_that_let_go_is_dead_for_all(open_owners: OpenOwners) -> None:
    one, other, third = open_owners(), open_owners(), open_owners()
    one.close()
    assert not other.lives(one.token)
    assert not third.lives(one.token)
    assert third.lives(other.token)


def test_a_token_that_nobody_took_is_dead(open_owners: OpenOwners) -> None:
    assert not open_owners().lives("nobody")


def test_sweeping_leaves_the_living_alone(open_owners: OpenOwners) -> None:
    one, other = open_owners(), open_owners()
    other.sweep()
    assert other.lives(one.token)
