"""`python -m api` starts and acknowledges webhooks while Temporal is away, logs no secret, and stops when told."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
from cryptography.fernet import Fernet

ROOT = Path(__file__).parents[2]


def test_the_process(database_url: str, free_port: Callable[[], int], sign: Callable[..., str], tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "api.log"
    environment = os.environ | {
        "SWITCHBOARD_DATABASE_URL": database_url,
        "SWITCHBOARD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SWITCHBOARD_HASH_KEY": "a hash key of the tests",
        "SWITCHBOARD_APP_SECRETS": "the app secret",
        "SWITCHBOARD_WEBHOOK_VERIFY_TOKEN": "the verify token",
        "SWITCHBOARD_API_PORT": str(port),
        "SWITCHBOARD_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "api"], cwd=ROOT, env=environment, stderr=output)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
            _wait_for(http, process, log)
            assert http.get("/readyz").json()["temporal"] is False
            query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "the verify token"}
            assert http.get("/webhooks/instagram", params=query).text == "1"
            item = {"sender": {"id": "anna"}, "message": {"mid": "M1", "text": "hi"}}
            body = json.dumps({"object": "instagram", "entry": [{"id": "1", "messaging": [item]}]}).encode()
            headers = {"X-Hub-Signature-256": sign(body, "the app secret")}
            assert http.post("/webhooks/instagram", content=body, headers=headers).status_code == 200
        with psycopg.connect(database_url) as connection:
            assert connection.execute("SELECT key FROM inbox").fetchall() == [("m:M1",)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
    told = log.read_text()
    assert "Traceback" not in told
    for secret in ("the app secret", "the verify token", "the%20verify", "verify+token"):
        assert secret not in told


def _wait_for(http: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if http.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the API did not start:\n{log.read_text()}")
