"""To whom a manager may assign: who acts at his office."""

from tests.server.users.people import People


def test_a_manager_is_told_who_acts_at_his_office_and_nobody_else_is(people: People, name: str) -> None:
    office, at = name, {"location": name}
    boss = people.settle(f"{name}.boss", "manager", **at)
    people.settle(f"{name}.ann", **at, agent_id="a-7", display_name="Ann of sales")
    people.add(f"{name}.vera", "viewer", **at)
    people.add(f"{name}.elsewhere", location="elsewhere")
    people.add(f"{name}.gone", **at)
    people.administer(f"users/{name}.gone/disable")
    url = f"{people.served.url}/api/colleagues"
    answer = people.served.session.get(url, params=at, headers=boss.headers(office), timeout=20)
    assert answer.status_code == 200
    colleagues = {each["name"]: each for each in answer.json()["colleagues"]}
    assert {f"{name}.ann", f"{name}.boss"} <= set(colleagues)
    assert not {f"{name}.vera", f"{name}.elsewhere", f"{name}.gone"} & set(colleagues)
    assert colleagues[f"{name}.ann"] == {"name": f"{name}.ann", "display_name": "Ann of sales", "agent_id": "a-7"}
    refused = people.served.session.get(url, params={"location": "elsewhere"}, headers=boss.headers(office), timeout=20)
    assert refused.status_code == 403
