"""Killed at any moment, the daemon loses nothing and repeats nothing."""

import random
import sqlite3
import time
from pathlib import Path

from ownhand.daemon.demo.sample import mailbox_file
from ownhand.v1 import accounts_pb2, learning_pb2
from running import Client, Daemon, daemon

CONFIG = """
[agent]
backend = "fake"

[learning]
watch = false
"""
ADDRESS = "dev@okaforstudio.example"
KILLS = 6

# Every row that learning makes, without the moments at which it was made.
ROWS = {
    "original": "*",
    "skipped": "*",
    "intent": "*",
    "zero_shot_draft": "*",
    "rule": "*",
    "inference": "*",
    "finding": "*",
    "receipt": "*",
    "agent": "id, account, training_set, n_examples, n_originals, precision, recall, reason",
    "promotion": "account, agent_id, reason",
}


def store_of(running: Daemon) -> dict[str, list[tuple[object, ...]]]:
    db = sqlite3.connect(running.paths.database)
    rows = {
        table: sorted(db.execute(f"SELECT {columns} FROM {table}").fetchall(), key=repr)
        for table, columns in ROWS.items()
    }
    db.close()
    return rows


def begin(client: Client) -> str:
    """Imports the sample mailbox and learns all the way; gives the learning job."""
    imported = client.accounts.ImportMail(
        accounts_pb2.ImportMailRequest(path=str(mailbox_file("dev")), address=ADDRESS, account="dev"),
        timeout=30,
    )
    client.wait(imported.job_id)
    return learn(client)


def learn(client: Client) -> str:
    started = client.learning.StartLearning(
        learning_pb2.StartLearningRequest(account="dev", until=learning_pb2.STAGE_PROMOTE), timeout=30
    )
    return str(started.job.id)


def test_a_killed_daemon_ends_with_the_store_of_an_undisturbed_one(tmp_path: Path) -> None:
    with daemon(tmp_path / "calm", CONFIG) as (calm, client):
        started = time.monotonic()
        job = client.wait(begin(client))
        undisturbed_s = time.monotonic() - started
        assert job.state == learning_pb2.JOB_STATE_SUCCEEDED, job.message
    chance = random.Random(20260)
    stormy = Daemon(tmp_path / "stormy", CONFIG)
    client = stormy.start()
    client.accounts.ImportMail(
        accounts_pb2.ImportMailRequest(path=str(mailbox_file("dev")), address=ADDRESS, account="dev"),
        timeout=30,
    )

    for n in range(KILLS):
        time.sleep(chance.uniform(0.0, undisturbed_s / 2))  # the only way to hit any moment
        if n:
            learn(client)
            time.sleep(chance.uniform(0.0, undisturbed_s / 2))
        client.channel.close()
        stormy.kill()
        client = stormy.start()
    for job in client.learning.ListJobs(learning_pb2.ListJobsRequest(page_size=50), timeout=10).jobs:
        client.wait(job.id)
    job = client.wait(learn(client))

    client.channel.close()
    stormy.stop()
    assert job.state == learning_pb2.JOB_STATE_SUCCEEDED, job.message
    assert store_of(stormy) == store_of(calm)
