"""The people of the demo and their homes; made up, with numbers and addresses that are nobody's."""

from collections.abc import Iterator
from random import Random
from string import ascii_letters, digits
from typing import NamedTuple


def _split(text: str, between: str = " ") -> tuple[str, ...]:
    return tuple(text.split(between))


_FIRST = _split(
    "Dana Luis Hannah Marcus Priya Noor Sam Elena Victor Grace Omar Tessa Caleb Ingrid Devon Rosa Mateo Alicia Warren "
    "June Felix Naomi Curtis Beatriz Owen Leila Trevor Simone Hector Paige Anil Miriam Wesley Carla Ruben Faye Dmitri "
    "Yolanda Gordon Renee Theo Camille Ernest Lucia Kofi Bridget Shane Marisol Patrick Imani Aisha Joon-ho Marta Chidi "
    "Mei-Lin Tunde Piotr Rafael Kwame Sofía José Andre Keisha Terrence Lakshmi Vikram Thuy Minh Jamal Ximena Ernesto "
    "Guadalupe Travis Becky Hank Dolores Wyatt Savannah Cody Lupe Chloe Diego Fatima Yusuf Farid Camila Svetlana Anh "
    "Brandon Kaitlyn Jerome Denise Earl Peggy Harriet Angus Siobhan Matthias Annika Haruto Yuki Ravi Sunita Abdul "
    "Esperanza Joaquín Rhonda Clifford"
)
_LAST = _split(
    "Whitfield Ortega Brandt Lee Nair Haddad Okafor Marsh Delgado Pruitt Sandoval Kessler Abbott Larkin Moreno Vance "
    "Castellanos Holt Nguyen Fairbanks Salazar Quinn Rahman Beckett Toledo Ashworth Lindqvist Barrera Coleman Iyer "
    "Maddox Fuentes Thornton Akers Villarreal Stokes Petrov Gallagher Mensah Dupree Solis Hartwell Chandra Wynn "
    "Escobar Radford Tamez Boyle Serrano McCrae Bakare Zhou Nowak Quintero Solberg O'Brien Tran Pham Kim Park Garza "
    "Treviño Núñez Hernandez Washington Jefferson Schmidt Kowalska Ferreira Markovic Farouk Okonkwo Adeyemi Tanaka "
    "Duarte Karimi Patel Reddy Johansson Murphy Callahan Wójcik Rossi Dubois Goldberg Rosen Al-Sayed Mbeki Hughes "
    "Fletcher Underwood Prescott Boone Crockett Guthrie Hollis Tidwell Yarbrough Zamora Peña Ruiz Castillo Medina"
)
_STREETS = _split(
    "Elm St|Cedar Ave|Mesquite Bend|Live Oak Trl|Bluebonnet Ct|Limestone Ridge|Pecan Hollow|Barton Glen|Juniper Run|"
    "Old Mill Rd|Agave Way|Heron Lake Dr|Sycamore Ln|Hill Country Pass|Redbud Cir|Cypress Fork|Wildflower Dr|"
    "Whitestone Ave|Quail Meadow|Lantana Loop|W 38th ½ St|Shoal Run Blvd|Rosewood Bend|Zilker Hollow|E 12th Pl|"
    "Manchaca Crossing|Dove Springs Dr|Slaughter Bend|Great Hills Cv|Spicewood Pkwy|Wagon Trl|Travis Hts Ter|"
    "Pflugerville Loop|Brushy Fork|FM 2299|County Road 418|Ranch Rd 1920|S Lamarque Blvd|Enfield Row|Windsor Cv",
    between="|",
)
_PLACES = ("Austin, TX 787{:02}",) * 6 + (
    "Round Rock, TX 78664",
    "Cedar Park, TX 78613",
    "Georgetown, TX 78626",
    "Pflugerville, TX 78660",
    "Leander, TX 78641",
    "Kyle, TX 78640",
    "Buda, TX 78610",
)
_AREAS = ("512",) * 9 + ("737",) * 5 + _split("210 254 830 361 713 214 469 972 817 303 480 503 615 312 646 415")
_MAILS = ("{first}.{last}", "{first}{last}", "{f}{last}", "{last}.{first}", "{first}_{last}{n}", "{first}{n}")
_DOMAINS = ("example.com", "example.com", "example.net", "example.org")
_ASCII = str.maketrans("áéíóúñüö", "aeiounuo", "'½ ")

_CITIES = ("Denver", "San Antonio", "Dallas", "Round Rock", "Portland", "Houston", "Tulsa", "Phoenix", "Georgetown")


class Home(NamedTuple):
    """A home as the CRM has it; `place` is its city, state and ZIP code."""

    address: str
    value: int  # US dollars
    bedrooms: int
    bathrooms: float
    sqft: int
    place: str


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

    @property
    def url(self) -> str:
        """The contact's page in the CRM, which does not exist."""
        return f"https://crm.example.com/contacts/{self.contact_id}"

    def fill(self, text: str) -> str:
        """Return a text of the script with this person's names, places and prices in it."""
        address, value = self.home.address, self.home.value
        return text.format(
            first=self.first,
            address=address,
            street=address.partition(",")[0].split(" ", 1)[1],
            city=self.moving_to,
            value=value,
            price=f"{value * 1.04 / 1000:.0f}",
            zestimate=f"{value * 1.12 / 1000:.0f}",
        )


def home(rng: Random, value: int | None = None) -> Home:
    """Return a home somewhere around Austin; of this value, or of any that is usual there."""
    bedrooms = rng.choices((2, 3, 4, 5), (2, 5, 4, 1))[0] if value is None else min(4, 1 + value // 110_000)
    sqft = bedrooms * 430 + rng.randrange(250, 800, 10)
    usual = min(895_000, max(255_000, round(sqft * rng.uniform(175, 330), -3)))
    unit = rng.choice((f", #{rng.randint(1, 24)}", f", Apt {rng.randint(101, 412)}", f", Unit {rng.choice('ABCD')}"))
    is_flat = bedrooms <= 2 and rng.random() < 0.6
    number = rng.choice((rng.randint(2, 99), rng.randint(100, 999), rng.randint(1000, 12_999), rng.randint(100, 2400)))
    return Home(
        f"{number} {rng.choice(_STREETS)}{unit if is_flat else ''}",
        value or int(usual),
        bedrooms,
        rng.choice((1.0, 1.5, 2.0, 2.5, 3.0)[max(0, bedrooms - 3) : bedrooms + 1]),
        sqft,
        rng.choice(_PLACES).format(rng.randint(1, 59)),
    )


def person(rng: Random, value: int | None = None) -> Person:
    """Meet somebody new, who has a home of this value or of a usual one."""
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    if rng.random() < 0.06:
        last = f"{last}-{rng.choice(_LAST)}"
    middle = f" {rng.choice('ABCDEHJKLMNRST')}." if rng.random() < 0.07 else ""
    plain_first, plain_last = (name.lower().translate(_ASCII) for name in (first, last))
    mail = rng.choice(_MAILS).format(first=plain_first, last=plain_last, f=plain_first[0], n=rng.randint(2, 99))
    return Person(
        contact_id="".join(rng.choices(ascii_letters + digits, k=20)),
        name=f"{first}{middle} {last}",
        phone=f"+1{rng.choice(_AREAS)}555{rng.randint(100, 199):04d}",
        email=f"{mail}@{rng.choice(_DOMAINS)}",
        home=home(rng, value),
        moving_to=rng.choice(_CITIES),
    )


def people(rng: Random) -> Iterator[Person]:
    """Meet new people for ever."""
    while True:
        yield person(rng)
