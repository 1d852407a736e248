"""Who is next, and what is kept."""

import asyncio

import pytest

from acuerdo.serve.kept import Kept, Room
from acuerdo.serve.turns import QueueFull, Turns


def _run(coroutine: object) -> object:
    return asyncio.run(coroutine)  # type: ignore[arg-type]


async def _waiting(turns: Turns, client: str, order: list[str]) -> None:
    await turns.take(client, 5)
    order.append(client)


def test_clients_take_turns_whatever_each_has_waiting() -> None:
    async def scenario() -> list[str]:
        turns, order = Turns(1, 100), []
        assert turns.take_now("other")
        tasks = [asyncio.create_task(_waiting(turns, "greedy", order)) for _ in range(4)]
        await asyncio.sleep(0)
        turns.release("other")
        await asyncio.sleep(0)
        tasks += [asyncio.create_task(_waiting(turns, "modest", order))]
        for _ in range(5):
            await asyncio.sleep(0)
            turns.release(order[-1])
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        return order

    order = _run(scenario())
    assert isinstance(order, list)
    assert order.index("modest") <= 2


def test_one_more_runs_for_a_client_that_has_nothing_running() -> None:
    turns = Turns(2, 10)
    assert [turns.take_now("a") for _ in range(3)] == [True, True, False]
    assert turns.take_now("b")
    assert not turns.take_now("c")
    for client in ("a", "a", "b"):
        turns.release(client)
    assert turns.running == 0


def test_a_full_queue_displaces_the_latest_of_the_longest() -> None:
    async def scenario() -> tuple[int, int]:
        turns, order = Turns(1, 4), []
        turns.take_now("x")
        turns.take_now("y")
        greedy = [asyncio.create_task(_waiting(turns, "greedy", order)) for _ in range(4)]
        await asyncio.sleep(0)
        modest = asyncio.create_task(_waiting(turns, "modest", order))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull):
            await greedy[3]
        with pytest.raises(QueueFull):
            await turns.take("greedy", 1)
        turns.release("x")
        turns.release("y")
        await modest
        for task in greedy[:3]:
            task.cancel()
        await asyncio.gather(*greedy[:3], return_exceptions=True)
        return turns.displaced, turns.waiting

    assert _run(scenario()) == (1, 0)


def test_nobody_waits_longer_than_his_patience() -> None:
    async def scenario() -> int:
        turns = Turns(1, 4)
        turns.take_now("x")
        turns.take_now("y")
        with pytest.raises(QueueFull):
            await turns.take("z", 0.01)
        return turns.waiting

    assert _run(scenario()) == 0


def test_one_who_leaves_the_queue_takes_no_turn() -> None:
    async def scenario() -> tuple[int, int]:
        turns, order = Turns(1, 4), []
        turns.take_now("x")
        task = asyncio.create_task(_waiting(turns, "x", order))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        turns.release("x")
        return turns.running, turns.waiting

    assert _run(scenario()) == (0, 0)


def test_kept_answers_stay_within_their_room_and_the_oldest_goes() -> None:
    room = Room(200_000)
    for i in range(200):
        room.put(b"%d" % i, Kept((), b"x" * 1000, 1))
    assert room.get(b"0") is None
    assert room.get(b"199") is not None
    assert sum(room.get(b"%d" % i) is not None for i in range(200)) == 100


def test_one_answer_takes_a_small_part_of_the_room_only() -> None:
    room = Room(64_000)
    room.put(b"big", Kept((), b"x" * 2000, 1))
    assert room.get(b"big") is None
    empty = Room(0)
    empty.put(b"small", Kept((), b"", 0))
    assert empty.get(b"small") is None
