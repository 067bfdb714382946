"""Celery with late acknowledgements: `celery -A celery_tasks worker`, and as a program the client: COUNT."""

import os
import subprocess
import sys

from celery import Celery, group

app = Celery("peers", broker=os.environ["BROKER"], backend="rpc://")
app.conf.task_acks_late = True
app.conf.worker_prefetch_multiplier = 1


@app.task(name="run")
def run():
    subprocess.run([os.environ["SHELL_FILE"], os.environ["SCRIPT"]], capture_output=True, check=True)


if __name__ == "__main__":
    group(run.s() for _ in range(int(sys.argv[1]))).apply_async().get(timeout=500)
