"""A Redis that is stopped, killed, hung or emptied, and messages that are wrong (A5, A8)."""

import json
import signal
import time
from collections.abc import Callable

import pytest
import redis

from embeddings.tasks import embed_due
from tests.faults import harness
from tests.faults.harness import STARTS, Ledger, Services

pytestmark = pytest.mark.processes

QUEUE = "celery"
SAVED_WITHIN = 1.0  # seconds: the promise to a person who saves while Redis is down


def client(services: Services) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(services.redis.socket))


def stop(services: Services) -> None:
    services.redis.stop()


def kill(services: Services) -> None:
    assert services.redis.process is not None
    services.redis.process.kill()
    services.redis.process.wait()


def hang(services: Services) -> None:
    assert services.redis.process is not None
    services.redis.process.send_signal(signal.SIGSTOP)


def fill(services: Services) -> None:
    with client(services) as connection:
        connection.config_set("maxmemory", 1)


def bring_back(services: Services) -> None:
    if services.redis.is_running():
        assert services.redis.process is not None
        services.redis.process.send_signal(signal.SIGCONT)
        with client(services) as connection:
            connection.config_set("maxmemory", 0)
    else:
        services.redis.start()


@pytest.mark.parametrize(
    "fault", [stop, kill, hang, fill], ids=["stopped", "killed", "hung", "full"]
)
def test_a_save_is_kept_and_embedded_when_redis_is(
    fault: Callable[[Services], None], services: Services, ledger: Ledger
) -> None:
    ledger.write(60)
    with services.worker():
        assert services.until(ledger.is_clean, STARTS)
        fault(services)
        try:
            took = [_seconds_of_a_save(ledger, word) for word in ("First", "Second")]
        finally:
            bring_back(services)
        harness.hold(services, ledger, f"Redis: {fault.__name__}", healed=ledger.is_clean)
        print(f"saves took {max(took):.2f} s", end=" ")
        assert max(took) < SAVED_WITHIN


def test_it_embeds_everything_after_redis_is_emptied(services: Services, ledger: Ledger) -> None:
    ledger.write(60)
    with services.worker(FAULTS_SECONDS_A_TEXT="0.01") as worker:
        assert services.until(lambda: harness.is_encoding(worker), STARTS)
        for _ in range(3):
            with client(services) as connection:
                connection.flushall()
            ledger.edit(5, "Edited as Redis forgot:")
        harness.hold(services, ledger, "Redis emptied 3 times", healed=ledger.is_clean)


def test_six_copies_of_a_message_write_no_wrong_vector(services: Services, ledger: Ledger) -> None:
    ledger.write(100)
    with services.worker("--concurrency", "2", FAULTS_SECONDS_A_TEXT="0.005") as worker:
        for number in range(3):
            assert services.until(lambda: harness.is_encoding(worker), STARTS)
            for _ in range(6):
                embed_due.delay()
            ledger.edit(30, f"Edit {number}:")
        harness.hold(services, ledger, "messages six times", healed=ledger.is_clean)


def test_messages_that_mean_nothing_end_no_worker(services: Services, ledger: Ledger) -> None:
    with services.worker() as worker:
        ledger.write(20)
        assert services.until(ledger.is_clean, STARTS)
        first = worker.process
        _publish(services, _meaningless(services))
        ledger.edit(20, "Edited behind garbage:")
        harness.hold(services, ledger, "meaningless messages", healed=ledger.is_clean)
        assert services.until(lambda: client(services).llen(QUEUE) == 0, STARTS)
        assert worker.process is first
        assert worker.is_running()


def test_it_embeds_everything_after_what_is_no_message_at_all(
    services: Services, ledger: Ledger
) -> None:
    """Kombu ends a worker that reads one; it is read once, and the supervisor starts the worker."""
    with services.worker() as worker:
        ledger.write(20)
        assert services.until(ledger.is_clean, STARTS)
        first = worker.process
        _publish(services, [b"not JSON", b"[]"])
        assert services.until(lambda: worker.process is not first, STARTS)
        ledger.edit(20, "Edited behind garbage:")
        harness.hold(services, ledger, "garbage in the queue", healed=ledger.is_clean)
        assert services.until(lambda: client(services).llen(QUEUE) == 0, STARTS)


def _seconds_of_a_save(ledger: Ledger, word: str) -> float:
    start = time.monotonic()
    ledger.edit(1, word)
    return time.monotonic() - start


def _publish(services: Services, messages: list[bytes]) -> None:
    with client(services) as connection:
        connection.lpush(QUEUE, *messages)


def _meaningless(services: Services) -> list[bytes]:
    """A real message, spoilt in several ways."""
    message = _a_message(services)
    spoilt = [
        message | {"headers": message["headers"] | {"task": "embeddings.no_such_task"}},
        message | {"headers": {}},
        message | {"content-type": "application/x-python-serialize"},
    ]
    return [json.dumps(each).encode() for each in spoilt]


def _a_message(services: Services) -> dict[str, dict[str, str]]:
    with client(services) as connection:
        embed_due.apply_async(queue="example")
        message: dict[str, dict[str, str]] = json.loads(str(connection.lpop("example"), "utf-8"))
    return message
