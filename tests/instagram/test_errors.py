"""Each error of Meta's means one thing: for the message, the person or the account."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instagram.errors import MEANINGS, SendError, Usage, outcome_of, table, usage_of

ROOT = Path(__file__).parents[2]


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
        ("err_oauth_code_exchange", "message", False),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 403])
def test_each_example(examples: Path, name: str, outcome: str, window: bool, status: int) -> None:
    found = outcome_of(status, (examples / f"{name}.json").read_bytes(), {})
    assert found is not None
    assert (found.outcome, found.window) == (outcome, window)


def test_no_error_example_is_forgotten(examples: Path) -> None:
    assert len([*examples.glob("err_*")]) == 25


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
        *((10, subcode, "account") for subcode in (1893063,)),
        (2022, None, "account"),
        (100, 2022, "account"),
        (2018300, None, "retry"),  # a subcode that stands where the code should
        (12345, 2534022, "message"),
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
    assert judged(401, {"message": "?"}).outcome == "account"
    assert judged(302, None).outcome == "unknown"
    assert judged(429, {"message": "?", "code": 424242}).outcome == "retry"
    assert judged(500, {"message": "?", "code": 424242}).outcome == "unknown"


@pytest.mark.parametrize(
    ("status", "error", "throttled"),
    [
        *((400, {"code": code}, True) for code in (4, 17, 32, 341, 613, 80001, 80002, 80006)),
        (400, {"code": 9, "error_subcode": 2018352}, True),
        (400, {"code": 613, "error_subcode": 2534040}, True),
        (429, {"code": 424242}, True),
        (429, None, True),
        *((400, {"code": code}, False) for code in (1, 2, 9, 10, 100, 190, 551, 424242)),
        (400, {"code": 10, "error_subcode": 2018300}, False),
        (503, None, False),
    ],
)
def test_throttling_is_told_apart(status: int, error: Any, throttled: bool) -> None:
    found = judged(status, error and {"message": "m", **error})
    assert found.throttled is throttled
    assert not throttled or found.outcome == "retry"


def test_human_agent_without_its_feature(examples: Path) -> None:
    found = outcome_of(403, (examples / "err_human_agent_not_approved.json").read_bytes(), {})
    assert found is not None
    assert (found.outcome, found.code, found.window) == ("message", None, False)
    assert "App Review" in found.act


def test_what_the_number_alone_does_not_tell() -> None:
    role = judged(400, {"message": "Unsupported request - method type: post", "code": 100})
    assert (role.outcome, "Instagram Tester" in role.act) == ("account", True)
    switched = judged(403, {"message": "… has disabled access to Instagram Direct Messaging.", "code": 200})
    assert (switched.outcome, "Allow access to messages" in switched.act) == ("account", True)
    pair = judged(400, {"message": "Error validating client secret.", "code": 1})
    assert (pair.outcome, pair.most_tries) == ("account", None)


def test_what_is_done_and_what_is_tried_at_most() -> None:
    answered = judged(400, {"message": "m", "code": 100, "error_subcode": 2534025})
    assert (answered.done, answered.outcome, answered.act) == (True, "message", "")
    assert judged(400, {"message": "m", "code": 1, "error_subcode": 99}).most_tries == 2
    assert judged(400, {"message": "m", "code": 1, "error_subcode": 1357046}).most_tries == 1
    assert judged(400, {"message": "m", "code": 424242}).most_tries is None
    assert not SendError("retry", "made by hand").done


def test_the_rows_agree_with_each_other() -> None:
    by_subcode: dict[int, set[str]] = {}
    for row in MEANINGS:
        if row.subcode is not None:
            by_subcode.setdefault(row.subcode, set()).add(row.outcome)
    assert {subcode: outcomes for subcode, outcomes in by_subcode.items() if len(outcomes) > 1} == {}
    names = [(row.code, row.subcode, row.says, row.status) for row in MEANINGS]
    assert len(set(names)) == len(names)
    for row in MEANINGS:
        error = {"message": row.says or "m", "code": row.code, "error_subcode": row.subcode}
        found = judged(row.status or 400, error)
        assert found.meaning == row, row
        assert found.outcome == row.outcome
        assert row.act or row.outcome != "account", f"{row}: somebody has to act"
        assert not row.window or row.outcome == "message"


@pytest.mark.parametrize(
    ("headers", "usage"),
    [
        ({}, None),
        ({"X-App-Usage": '{"call_count": 28, "total_time": 25, "total_cputime": 25}'}, Usage(28)),
        (
            {"X-Business-Use-Case-Usage": '{"1": [{"call_count": 3, "total_time": 97.5}], "2": [{"call_count": 8}]}'},
            Usage(97.5),
        ),
        ({"X-Business-Use-Case-Usage": '{"1": [{"call_count": 1, "estimated_time_to_regain_access": 0}]}'}, Usage(1)),
        ({"X-App-Usage": "junk", "X-Business-Use-Case-Usage": '{"1": {"call_count": 3}, "2": [7, {"x": 1}]}'}, None),
        ({"X-App-Usage": '{"call_count": "high", "total_time": null, "total_cputime": 1e999}'}, None),
    ],
)
def test_usage(headers: dict[str, str], usage: Usage | None) -> None:
    assert usage_of(httpx.Headers(headers)) == usage


def test_usage_of_the_example(examples: Path) -> None:
    headers = json.loads((examples / "api_graph_usage_headers.json").read_text())
    assert usage_of(httpx.Headers(headers)) == Usage(100, 19 * 60)


@given(
    st.binary() | st.recursive(st.none() | st.integers() | st.text() | st.floats(), st.lists).map(str).map(str.encode)
)
def test_any_answer_can_be_judged(body: bytes) -> None:
    for status in (200, 400, 500):
        found = outcome_of(status, body, httpx.Headers([(b"X-App-Usage", body)]))
        assert found is None or found.outcome in ("retry", "message", "person", "account", "unknown")


def test_the_module_prints_its_table() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "instagram.errors"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert ran.stdout.strip() == table()
    assert len(table().splitlines()) == len(MEANINGS) + 2


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
