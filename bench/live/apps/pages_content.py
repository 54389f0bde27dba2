"""What the plain pages show: as many tiles and charts as the product's first screens, made up once."""
from random import Random

CHANCE = Random(7)
DAYS = list(range(30))
HOME = [(f"KPI {n}", f"{CHANCE.randrange(10, 9000):,}") for n in range(1, 8)]
PAGES = {
    name: {
        "tiles": [(f"{name} {n}", f"{CHANCE.randrange(10, 9000):,}") for n in range(1, 4)],
        "charts": [[[CHANCE.random() for _ in DAYS] for _ in range(2)] for _ in range(3)],
    }
    for name in ("North", "South", "West")
}
