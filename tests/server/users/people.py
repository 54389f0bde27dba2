"""People of a running event server, as a dashboard lets them in and an admin adds them."""

from typing import Any, NamedTuple

import requests

from tests.served import Served

PASSWORD = "of a horse, correct"


class People:
    """What a dashboard and an admin ask about people."""

    def __init__(self, served: Served) -> None:
        self.served = served

    def ask(self, path: str, by: str | None = None, method: str = "POST", **body: Any) -> requests.Response:
        """Ask as the dashboard, or by another token."""
        headers = {"Authorization": f"Bearer {by}"} if by else self.served.bearer("dashboard")
        url = f"{self.served.url}/api/{path}"
        return requests.request(method, url, json=body, headers=headers, timeout=20)

    def administer(self, path: str, method: str = "POST", **body: Any) -> requests.Response:
        return self.ask(path, self.served.token("admin"), method, **body)

    def add(self, name: str, role: str = "agent", **given: Any) -> dict[str, Any]:
        """Add a user; return the answer. An agent is the one of his own name, where nothing else is said."""
        if role == "agent":
            given = {"agent_id": f"agent-{name}"[:128]} | given
        answer = self.administer("users", name=name, role=role, **given)
        assert answer.status_code == 201, answer.text
        added: dict[str, Any] = answer.json()
        return added

    def settle(self, name: str, role: str = "agent", **given: Any) -> "Person":
        """Add a user who has chosen a password; return him, logged in."""
        link = self.add(name, role, **given)["invitation"]
        answer = self.ask("invitations/use", invitation=link, password=PASSWORD)
        assert answer.status_code == 201, answer.text
        return Person(self, name, answer.json()["session"])

    def log_in(self, name: str, password: str = PASSWORD, address: str | None = None) -> requests.Response:
        return self.ask("sessions", name=name, password=password, address=address)


class Person(NamedTuple):
    """A user who is logged in, by one of his sessions."""

    people: People
    name: str
    session: str

    def again(self) -> "Person":
        """Log in once more, as by another browser."""
        answer = self.people.log_in(self.name)
        assert answer.status_code == 201, answer.text
        return self._replace(session=answer.json()["session"])

    def is_in(self) -> bool:
        answer = self.people.ask("sessions/current", session=self.session)
        assert answer.status_code in (200, 401), answer.text
        return answer.status_code == 200

    def token(self, location: str | None = None) -> str:
        answer = self.people.ask("sessions/token", session=self.session, location=location)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def headers(self, location: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(location)}"}
