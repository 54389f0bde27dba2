"""The network between server and reader misbehaves: the reader resumes, without loss, without repeat."""

import pytest

from tests.chaos.load import Publisher, Reader, check
from tests.served import Served
from tests.toxics import CLEAN, Proxy, Toxic

TOXICS = {
    "reset": Toxic(reset_peer=True),
    "cut mid-frame": Toxic(limit_data=4_321),
    "black hole": Toxic(black_hole=True),
    "one byte at a time": Toxic(slice_bytes=1),
    "latency": Toxic(latency_s=0.1, jitter_s=0.08),
    "slow": Toxic(bandwidth=20_000),
}


@pytest.mark.parametrize("direction", ["down", "up"])
@pytest.mark.parametrize("toxic", TOXICS.values(), ids=TOXICS)
def test_whatever_the_network_does_the_reader_misses_nothing(
    served: Served, location: str, toxic: Toxic, direction: str
) -> None:
    with (
        Proxy(served.port) as proxy,
        Reader(proxy.port, location, silence_s=0.5) as reader,
        Publisher(served, location, f"{location[-60:]}") as publisher,
    ):
        reader.wait_until(lambda: reader.position >= 10)
        proxy.set(**{direction: toxic})
        publisher.wait_for_more(200)
        if direction == "down" and toxic.reset_peer:
            proxy.cut(reset=True)
        proxy.set(down=CLEAN, up=CLEAN)
        publisher.wait_for_more(20)
        publisher.__exit__(None, None, None)
        check([publisher], [reader], breaks=1 if toxic.black_hole else 0)  # TCP itself never leaves out the middle
