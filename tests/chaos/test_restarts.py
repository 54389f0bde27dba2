"""The server ends, in every way, under load: nothing acknowledged is lost, nothing is shown twice."""

import time
from contextlib import ExitStack

from tests.chaos.load import Publisher, Reader, check
from tests.served import Served

DOWN_S = 2.0  # what is tested: clients that find nobody for a while


def start_load(own: Served, stack: ExitStack, location: str) -> tuple[list[Publisher], list[Reader]]:
    readers = [stack.enter_context(Reader(own.port, location, f"reader-{n}")) for n in range(3)]
    publishers = [stack.enter_context(Publisher(own, location, f"publisher-{n}")) for n in range(4)]
    return publishers, readers


def test_killed_again_and_again_it_loses_nothing(own: Served, location: str) -> None:
    with ExitStack() as stack:
        publishers, readers = start_load(own, stack, location)
        for _ in range(3):
            for publisher in publishers:
                publisher.wait_for_more(50)
            own.kill()
            time.sleep(DOWN_S)
            own.start()
        for publisher in publishers:
            publisher.wait_for_more(10)
            publisher.__exit__(None, None, None)
        check(publishers, readers)
        assert [reader.connections for reader in readers] == [4, 4, 4]


def test_asked_to_stop_it_says_that_it_comes_back(own: Served, location: str) -> None:
    with ExitStack() as stack:
        publishers, readers = start_load(own, stack, location)
        for publisher in publishers:
            publisher.wait_for_more(50)
        began = time.monotonic()
        own.stop()
        assert time.monotonic() - began < 5
        own.start()
        for publisher in publishers:
            publisher.wait_for_more(10)
            publisher.__exit__(None, None, None)
        check(publishers, readers)
        assert [reader.codes for reader in readers] == [[1012]] * 3
