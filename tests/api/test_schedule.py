"""How seldom and how promptly the schedule asks, as plain arithmetic on a clock that only counts."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.polling import history, mean_lag, official_polls, poll_ratio, run_times, watched
from wavespeed_mcp_server.api.schedule import LONGEST_GAP, SPARSE_GAP, SPARSE_SHARE, Span, gap

SHORT = run_times(0.3, 8.0, 78)
MINUTES = run_times(60.0, 600.0, 28)


def test_a_first_run_of_seconds_is_noticed_promptly_with_twice_the_official_polls() -> None:
    runs = [watched(took, []) for took in SHORT]
    assert mean_lag(runs) <= 0.265
    assert poll_ratio(runs) <= 2.2
    # At the very edge of an official interval one poll more than three times as many can fall.
    assert all(run.polls <= 3 * official_polls(run.took) + 1 for run in runs)
    assert sum(run.polls > 3 * official_polls(run.took) for run in runs) <= len(runs) * 0.05


@pytest.mark.parametrize("earlier", [1, 2, 4, 11, 20])
def test_a_steady_model_is_noticed_within_a_tenth_of_a_second_with_fewer_polls_than_the_official(
    earlier: int,
) -> None:
    chance = random.Random(earlier)
    runs = [history(took, earlier + 1, chance, jitter=0.001)[-1] for took in SHORT]
    assert mean_lag(runs) <= 0.08
    assert poll_ratio(runs) <= 0.85
    assert all(run.polls <= official_polls(run.took) + 2 for run in runs)


@pytest.mark.parametrize(("earlier", "lag"), [(1, 0.18), (3, 0.16), (8, 0.12), (20, 0.11)])
def test_run_times_that_vary_by_a_tenth_cost_no_more_polls_than_the_official_server_makes(
    earlier: int, lag: float
) -> None:
    chance = random.Random(earlier)
    runs = [history(took, earlier + 1, chance, jitter=0.1)[-1] for took in SHORT for _ in range(8)]
    assert mean_lag(runs) <= lag
    assert poll_ratio(runs) <= 1.03


def test_a_first_run_of_minutes_is_never_noticed_2_s_late_with_at_most_20_polls_more() -> None:
    runs = [watched(took, []) for took in MINUTES]
    assert max(run.lag for run in runs) < 2
    assert all(run.polls <= official_polls(run.took) + 20 for run in runs)


@pytest.mark.parametrize("earlier", [1, 2, 5, 15])
def test_a_known_run_of_minutes_takes_at_most_half_the_polls_and_is_never_noticed_2_s_late(
    earlier: int,
) -> None:
    chance = random.Random(earlier)
    runs = [history(took, earlier + 1, chance, jitter=0.001)[-1] for took in MINUTES]
    assert max(run.lag for run in runs) < 2
    assert mean_lag(runs) <= 0.3
    assert all(run.polls <= official_polls(run.took) / 2 + 6 for run in runs)
    assert poll_ratio(runs) <= 0.5


# The official server asks every 2 s, and is 1 s late on average where run times are no whole numbers.
@pytest.mark.parametrize("jitter", [0.001, 0.01, 0.03, 0.1])
@pytest.mark.parametrize("earlier", [1, 2, 5, 15])
def test_minutes_that_vary_are_noticed_sooner_than_the_official_server_does_with_fewer_polls(
    earlier: int, jitter: float
) -> None:
    chance = random.Random(earlier)
    times = [chance.uniform(60, 590) for _ in range(100)]
    runs = [history(took, earlier + 1, chance, jitter)[-1] for took in times]
    assert poll_ratio(runs) <= 0.6
    assert mean_lag(runs) <= 0.65
    assert sum(run.lag >= 2 for run in runs) <= len(runs) * 0.02


def test_a_model_that_became_much_faster_is_found_out() -> None:
    chance = random.Random(1)
    known = [run.span for run in history(6.0, 5, chance)]
    lags = []
    for _ in range(12):
        run = watched(1.0, known)
        known = [*known, run.span][-12:]
        lags.append(run.lag)
    assert lags[0] > 3
    assert lags[-1] < 0.6


def test_a_model_that_became_slower_is_asked_ever_more_seldom_and_then_known() -> None:
    chance = random.Random(1)
    known = [run.span for run in history(2.0, 5, chance)]
    late = watched(9.0, known)
    assert late.lag < 1.4
    assert watched(9.0, [*known, late.span]).lag < 1.4


def test_only_the_middle_of_an_earlier_process_run_is_enough_to_be_prompt() -> None:
    runs = [watched(took, [Span.around(took)]) for took in SHORT]
    assert mean_lag(runs) <= 0.12
    assert poll_ratio(runs) <= 1


SPANS = st.lists(
    st.tuples(st.floats(0, 2000), st.floats(0, 2000)).map(lambda pair: Span(min(pair), max(pair))),
    max_size=12,
)


@example(elapsed=0.0, known=[Span(12.0, 15.0), Span(0.0, 19.0)])
@given(elapsed=st.floats(0, 4000), known=SPANS)
def test_every_gap_is_positive_and_bounded(elapsed: float, known: list[Span]) -> None:
    longest = max([SPARSE_GAP, LONGEST_GAP, *(SPARSE_SHARE * span.before for span in known)])
    assert 0 < gap(elapsed, known) <= longest + 0.02
