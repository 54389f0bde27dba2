"""Tasks, notes, conversations and users of the platform."""

from typing import Any

import pytest

from jorge_data.vendors import Json
from tests.vendors.gohighlevel.webhooks import NOW, Desk

TASK: Json = {"id": "t", "contactId": "ann", "title": "Call Ann", "body": "about the roof", "assignedTo": "u1"}


@pytest.mark.parametrize(
    ("kind", "status"), [("TaskCreate", "open"), ("TaskComplete", "completed"), ("TaskDelete", "deleted")]
)
def test_a_task_is_told_with_what_became_of_it(desk: Desk, kind: str, status: str) -> None:
    data = desk.data({"type": kind, **TASK, "dueDate": "2026-11-24T00:00:00Z"})
    assert data == {
        "conversation_id": "contact:ann",
        "contact_id": "ann",
        "author": "agent",
        "kind": "task",
        "summary": "Call Ann",
        "body": "about the roof",
        "task_id": "t",
        "task_status": status,
        "due_at": "2026-11-24T00:00:00+00:00",
        "agent_id": "u1",
    }


def test_a_due_date_that_is_none_costs_itself_alone(desk: Desk) -> None:
    translation = desk.vendor.translate({"type": "TaskCreate", **TASK, "dueDate": "soon"}, {}, NOW)
    assert translation is not None
    assert "due_at" not in translation.events[0]["data"]
    assert translation.faults == ("dueDate is 'soon': allowed is a moment, as in 2026-11-23T14:07:31Z",)


def test_a_note_is_told_as_plain_text(desk: Desk) -> None:
    note = {"type": "NoteCreate", "id": "n", "contactId": "ann", "body": "<p>likes dogs</p>", "userId": "u1"}
    data = desk.data(note)
    assert (data["kind"], data["body"], data["note_id"], data["agent_id"]) == ("note", "likes dogs", "n", "u1")
    assert desk.data(note | {"type": "NoteDelete"})["note_status"] == "deleted"


def test_a_person_has_a_name_once_it_is_known(desk: Desk) -> None:
    assert "agent_name" not in desk.data({"type": "TaskCreate", **TASK})
    desk.read({"type": "UserCreate", "id": "u1", "firstName": "Sam", "lastName": "Roe"})
    desk.read({"type": "Users", "users": [{"id": "u2", "name": "Kim Poe"}, {"id": "u3"}]})
    assert desk.data({"type": "TaskCreate", **TASK})["agent_name"] == "Sam Roe"
    outbound = {"type": "OutboundMessage", "contactId": "ann", "body": "hi", "userId": "u2"}
    assert desk.data(outbound)["agent_name"] == "Kim Poe"


@pytest.mark.parametrize("deleted", [True, False, None])
def test_a_conversation_is_told_where_it_is_deleted_alone(desk: Desk, deleted: Any) -> None:
    webhook = {"type": "ConversationUnreadUpdate", "id": "cv", "contactId": "ann", "deleted": deleted}
    translation = desk.vendor.translate(webhook, {}, NOW)
    assert translation is not None
    assert [event["data"].get("conversation_deleted") for event in translation.events] == [True] * (deleted is True)
    assert bool(translation.ignored) is not deleted
