"""The people of the demo and their homes; made up, on streets that no map has."""

from collections.abc import Iterator
from random import Random
from string import ascii_letters, digits
from typing import NamedTuple


def _split(text: str, between: str = " ") -> tuple[str, ...]:
    return tuple(text.split(between))


_FIRST = _split(
    "Dana Luis Hannah Marcus Priya Noor Sam Elena Victor Grace Omar Tessa Caleb Ingrid Devon Rosa Mateo Alicia Warren "
    "June Felix Naomi Curtis Beatriz Owen Leila Trevor Simone Hector Paige Anil Miriam Wesley Carla Ruben Faye Dmitri "
    "Yolanda Gordon Renee Theo Camille Ernest Lucia Kofi Bridget Shane Marisol Patrick Imani"
)
_LAST = _split(
    "Whitfield Ortega Brandt Lee Nair Haddad Okafor Marsh Delgado Pruitt Sandoval Kessler Abbott Larkin Moreno Vance "
    "Castellanos Holt Nguyen Fairbanks Salazar Quinn Rahman Beckett Toledo Ashworth Lindqvist Barrera Coleman Iyer "
    "Maddox Fuentes Thornton Akers Villarreal Stokes Petrov Gallagher Mensah Dupree Solis Hartwell Chandra Wynn "
    "Escobar Radford Tamez Boyle Serrano McCrae"
)
_STREETS = _split(
    "Elm St|Cedar Ave|Mesquite Bend|Live Oak Trail|Bluebonnet Ct|Limestone Ridge|Pecan Hollow|Barton Glen|"
    "Juniper Run|Old Mill Rd|Agave Way|Heron Lake Dr|Sycamore Ln|Hill Country Pass|Redbud Cir|Cypress Fork|"
    "Wildflower Dr|Whitestone Ave|Quail Meadow|Lantana Loop",
    between="|",
)
TEAM = ("jorge", "maria")
"""Who of the office acknowledges items and labels analyses."""

_CITIES = ("Denver", "San Antonio", "Dallas", "Round Rock", "Portland", "Houston", "Tulsa", "Phoenix", "Georgetown")


class Home(NamedTuple):
    address: str
    value: int  # US dollars
    bedrooms: int
    bathrooms: float
    sqft: int


class Person(NamedTuple):
    """A contact as the CRM knows it, with the home that the story is about."""

    contact_id: str
    name: str
    phone: str
    email: str
    home: Home
    moving_to: str

    @property
    def first(self) -> str:
        return self.name.split()[0]

    @property
    def conversation_id(self) -> str:
        return f"conv-{self.contact_id}"

    def fill(self, text: str) -> str:
        """Return a text of the script with this person's names, places and prices in it."""
        address, value = self.home.address, self.home.value
        return text.format(
            first=self.first,
            address=address,
            street=address.split(" ", 1)[1],
            city=self.moving_to,
            value=value,
            price=f"{value * 1.04 / 1000:.0f}",
            zestimate=f"{value * 1.12 / 1000:.0f}",
        )


def home(rng: Random) -> Home:
    bedrooms = rng.choices((2, 3, 4, 5), (2, 5, 4, 1))[0]
    sqft = bedrooms * 430 + rng.randrange(250, 800, 10)
    value = min(895_000, max(255_000, round(sqft * rng.uniform(175, 330), -3)))
    return Home(
        f"{rng.randint(3, 129) * rng.choice((1, 2, 100))} {rng.choice(_STREETS)}",
        int(value),
        bedrooms,
        rng.choice((1.5, 2.0, 2.5, 3.0)),
        sqft,
    )


def people(rng: Random) -> Iterator[Person]:
    """Meet new people for ever."""
    while True:
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        yield Person(
            contact_id="".join(rng.choices(ascii_letters + digits, k=20)),
            name=f"{first} {last}",
            phone=f"+1512555{rng.randint(100, 199):04d}",
            email=f"{first}.{last}@example.com".lower(),
            home=home(rng),
            moving_to=rng.choice(_CITIES),
        )
