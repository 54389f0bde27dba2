"""The bill of materials (CycloneDX 1.6, JSON) of what is locked in requirements.txt: `make sbom`."""

import re
import sys
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from jorge_data import __version__

LOCK = Path(__file__).parents[1] / "requirements.txt"
_PACKAGE = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\\n]+)((?:.*\n(?![a-z#]))*.*)", re.MULTILINE)


def bill_of_materials(lock: str) -> str:
    """Return a lock's packages as JSON: name, version, hashes."""
    bom = Bom()
    bom.metadata.component = Component(name="jorge-data", version=__version__, type=ComponentType.APPLICATION)
    for name, version, rest in _PACKAGE.findall(lock):
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in re.findall(r"sha256:(\w{64})", rest)]
        purl = PackageURL("pypi", None, name, version)
        bom.components.add(Component(name=name, version=version, purl=purl, bom_ref=str(purl), hashes=hashes))
    bom.register_dependency(bom.metadata.component, bom.components)
    return JsonV1Dot6(bom).output_as_string(indent=2)


if __name__ == "__main__":
    sys.stdout.write(bill_of_materials(LOCK.read_text()))
