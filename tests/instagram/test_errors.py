"""Each error of Meta's means one thing: for the message, the person or the account."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from instagram.errors import SendError, outcome_of


def judged(status: int, error: dict[str, Any] | None, **headers: str) -> SendError:
    body = json.dumps({"error": error}).encode() if error is not None else b"<html>"
    found = outcome_of(status, body, httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()}))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "outcome", "window"),
    [
        ("err_100_2018008_fetch_file", "message", False),
        ("err_100_2534014_no_user", "person", False),
        ("err_100_2534025_private_reply", "message", False),
        ("err_100_33_missing_object", "message", False),
        ("err_100_unsupported_request_no_role", "account", False),
        ("err_10_1893063_account_restricted", "account", False),
        ("err_10_2018278_window_page", "message", True),
        ("err_10_2534022_window_ig", "message", True),
        ("err_190_expired", "account", False),
        ("err_190_session_invalidated", "account", False),
        ("err_1_1357046_but_sent", "unknown", False),
        ("err_200_2534041_dm_access_disabled", "account", False),
        ("err_200_dm_access_disabled_ig", "account", False),
        ("err_200_not_reviewed", "account", False),
        ("err_2018300_thread_control", "retry", False),
        ("err_230_consent", "person", False),
        ("err_2_1545133_service_unavailable", "unknown", False),
        ("err_2_transient", "unknown", False),
        ("err_4_app_rate", "retry", False),
        ("err_551_1545041_blocked", "person", False),
        ("err_613_2534040_rate", "retry", False),
        ("err_80002_buc_rate", "retry", False),
        ("err_9010_no_user_profile", "person", False),
        ("err_human_agent_not_approved", "message", False),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 403])
def test_each_example(examples: Path, name: str, outcome: str, window: bool, status: int) -> None:
    found = outcome_of(status, (examples / f"{name}.json").read_bytes(), {})
    assert found is not None
    assert (found.outcome, found.window) == (outcome, window)


def test_no_error_example_is_forgotten(examples: Path) -> None:
    assert len([*examples.glob("err_*")]) == 24


@pytest.mark.parametrize("name", ["api_send_ok", "api_react_ok", "api_user_profile_nulls", "api_message"])
def test_good_answers(examples: Path, name: str) -> None:
    assert outcome_of(200, (examples / f"{name}.json").read_bytes(), {}) is None


@pytest.mark.parametrize(
    ("code", "subcode", "outcome"),
    [
        *((code, None, "retry") for code in (4, 17, 32, 341, 613, 80001, 80002, 80006)),
        *((code, None, "unknown") for code in (1, 2, -1, -2)),
        *((code, None, "account") for code in (3, 10, 27, 102, 104, 190, 200, 368, 36103)),
        *((190, subcode, "account") for subcode in (458, 459, 460, 463, 464, 467, 492)),
        *((10, subcode, "message") for subcode in (2534022, 2018278, 2534044, 2018276, 2018065)),
        *((100, subcode, "message") for subcode in (2534015, 2018047, 2018074, 2018109, 2018294, 2018014, 33)),
        *((100, subcode, "person") for subcode in (2018001, 2534014)),
        *((code, subcode, "person") for code, subcode in ((10, 2018108), (551, None), (200, 1545041))),
        *((code, subcode, "retry") for code, subcode in ((9, 2018352), (100, 2534037), (10, 2018321))),
        *((100, subcode, "account") for subcode in (2534029, 2534013)),
        *((code, subcode, "account") for code, subcode in ((25, 2207050), (10, 2534077), (2, 2018344), (200, 2018028))),
        (9000001, None, "message"),
        (2500, None, "message"),
        (100, None, "message"),
        ("100", "2018001", "person"),
        (424242, None, "message"),
    ],
)
def test_the_table(code: Any, subcode: Any, outcome: str) -> None:
    assert judged(400, {"message": "m", "code": code, "error_subcode": subcode}).outcome == outcome


def test_without_a_code_the_status_speaks() -> None:
    assert judged(400, None).outcome == "message"
    assert judged(401, None).outcome == "account"
    assert judged(429, None).outcome == "retry"
    assert judged(500, None).outcome == "unknown"
    assert judged(200, None).outcome == "unknown"
    assert judged(503, {"message": "?"}).outcome == "unknown"
    assert judged(400, {"message": "?", "is_transient": True}).outcome == "unknown"
    assert judged(400, {"message": "?", "code": "strange"}).outcome == "message"


def test_retry_after(examples: Path) -> None:
    headers = json.loads((examples / "api_graph_usage_headers.json").read_text())
    rate = {"message": "slow down", "code": 80002}
    assert judged(400, rate, **headers).retry_after == 19 * 60
    assert judged(400, rate, Retry_After="7").retry_after == 7
    assert judged(429, None, Retry_After="7.5").retry_after == 7.5
    assert judged(400, rate).retry_after is None
    assert judged(400, rate, Retry_After="soon", X_Business_Use_Case_Usage='{"a": 1, "b": [2]}').retry_after is None


def test_no_token_in_a_message() -> None:
    told = {"message": "Malformed access token EAABsecret123 or s3cret-token", "code": 190}
    found = outcome_of(400, json.dumps({"error": told}).encode(), {}, token="s3cret-token")
    assert found is not None
    assert "ecret" not in f"{found} {found!r} {found.message}"
