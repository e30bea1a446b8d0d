"""DBOS: the cost of one durable step in a chain, empty workflows a second, and the latency from enqueue to start."""
import logging, os, sys, threading, time

url, count = sys.argv[1], int(sys.argv[2])
from dbos import DBOS, DBOSConfig  # noqa: E402

logging.disable(logging.CRITICAL)
host = url.split("host=")[1]
sqlalchemy = f"postgresql+psycopg://bench@/peers?host={host}"
DBOS(config=DBOSConfig(name="bench", system_database_url=sqlalchemy, run_admin_server=False))
started = []
event = threading.Event()


@DBOS.step()
def empty_step():
    return None


@DBOS.workflow()
def chain(length):
    for _ in range(length):
        empty_step()


@DBOS.workflow()
def empty():
    return None


@DBOS.workflow()
def ping():
    started.append(time.perf_counter())
    event.set()


DBOS.launch()
# Tuned: its default looks once a second.
queue = DBOS.register_queue("bench", polling_interval_sec=0.01)
chain(10)
begin = time.perf_counter()
chain(count)
print("step", (time.perf_counter() - begin) / count * 1000, "ms")
begin = time.perf_counter()
handles = [queue.enqueue(empty) for _ in range(min(count, 300))]
for handle in handles:
    handle.get_result(polling_interval_sec=0.005)
print("runs", len(handles) / (time.perf_counter() - begin), "per_second")
waits = []
for _ in range(min(count, 100)):
    event.clear()
    sent = time.perf_counter()
    queue.enqueue(ping)
    event.wait(30)
    waits.append((started[-1] - sent) * 1000)
waits.sort()
print("pickup_p50", waits[len(waits) // 2], "ms")
print("pickup_p99", waits[len(waits) * 99 // 100], "ms")
sys.stdout.flush()
os._exit(0)
