"""Users and their grants."""

import pytest

from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.user import Grant, LocalAccess, User
from jorge_data.errors import Forbidden
from jorge_data.permissions import Rights

DANA = User("dana", "Dana", (Grant("austin", "agent", "a-7"), Grant("dallas", "manager", "a-7")), "s1")
BOSS = User("boss", "Boss", (Grant(None, "admin"), Grant("austin", "viewer")), "s2")


def test_a_grant_that_names_an_office_stands_before_that_of_every_office() -> None:
    assert BOSS.grant_at("austin") == Grant("austin", "viewer")
    assert BOSS.grant_at("elsewhere") == Grant(None, "admin")
    assert DANA.grant_at("elsewhere") is None


def test_rights_are_a_role_and_for_an_agent_whose_contacts() -> None:
    assert DANA.rights_at("austin") == Rights("agent", "a-7")
    assert DANA.rights_at("dallas") == Rights("manager", None), "all managers get the same answers"
    with pytest.raises(Forbidden, match="dana may not see the office 'elsewhere'"):
        DANA.rights_at("elsewhere")


def test_the_person_on_this_machine_is_in_without_a_cookie_and_everywhere() -> None:
    access = LocalAccess("jorge", "manager", OwnToken("a-token"))
    user = access.user_of({})
    assert (user.name, user.session, user.rights_at("anywhere")) == ("jorge", None, Rights("manager", None))
    assert access.token(user, "anywhere") == "a-token"
    assert access.is_in(user)
