"""The server ends, in every way, under load: nothing acknowledged is lost, nothing is shown twice."""

from contextlib import ExitStack

from tests.chaos.load import Publisher, Reader, check
from tests.served import Served

CALLS_IN_VAIN = 10  # what is tested: readers that find nobody for a while


def start_load(own: Served, stack: ExitStack, location: str) -> tuple[list[Publisher], list[Reader]]:
    readers = [stack.enter_context(Reader(own.port, location, f"reader-{n}")) for n in range(3)]
    publishers = [stack.enter_context(Publisher(own, location, f"publisher-{n}")) for n in range(4)]
    return publishers, readers


def wait_for_all(publishers: list[Publisher], readers: list[Reader], count: int) -> None:
    """Return when each publisher has published so many more, and each reader is there and has them all."""
    for publisher in publishers:
        publisher.wait_for_more(count)
    top = sum(len(publisher.acked) for publisher in publishers)
    for reader in readers:
        reader.wait_until(lambda reader=reader: reader.position >= top)  # type: ignore[misc]


def test_killed_again_and_again_it_loses_nothing(own: Served, location: str) -> None:
    with ExitStack() as stack:
        publishers, readers = start_load(own, stack, location)
        for _ in range(3):
            wait_for_all(publishers, readers, 50)
            own.kill()
            for reader in readers:
                goal = reader.refused + CALLS_IN_VAIN
                reader.wait_until(lambda reader=reader, goal=goal: reader.refused >= goal)  # type: ignore[misc]
            own.start()
        for publisher in publishers:
            publisher.wait_for_more(10)
            publisher.__exit__(None, None, None)
        check(publishers, readers)
        assert [reader.cut for reader in readers] == [3, 3, 3]


def test_asked_to_stop_it_says_that_it_comes_back(own: Served, location: str) -> None:
    with ExitStack() as stack:
        publishers, readers = start_load(own, stack, location)
        wait_for_all(publishers, readers, 50)
        own.stop()
        assert "graceful shutdown exceeded" not in own.log, "it waits for nobody who could stay"
        own.start()
        for publisher in publishers:
            publisher.wait_for_more(10)
            publisher.__exit__(None, None, None)
        check(publishers, readers)
        assert [reader.codes for reader in readers] == [[1012]] * 3
