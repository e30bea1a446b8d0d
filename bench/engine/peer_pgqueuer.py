"""pgqueuer: empty jobs a second with one worker, and the latency from enqueue to start, one job after the other."""
import asyncio, os, sys, time
import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

url, count = sys.argv[1], int(sys.argv[2])


async def main():
    worker, client = await asyncpg.connect(url), await asyncpg.connect(url)
    queries = Queries(AsyncpgDriver(client))
    try:
        await queries.install()
    except asyncpg.DuplicateObjectError:
        pass
    # A process that ends in the middle of a job leaves it to the next one, which would start it among its own.
    await queries.clear_queue()
    queuer = PgQueuer(AsyncpgDriver(worker))
    done, started = asyncio.Event(), asyncio.Queue()
    state = {"left": 0}

    @queuer.entrypoint("empty")
    async def empty(job):
        state["left"] -= 1
        if state["left"] == 0:
            done.set()

    @queuer.entrypoint("ping")
    async def ping(job):
        started.put_nowait((job.payload, time.perf_counter()))

    state["left"] = count
    await queries.enqueue(["empty"] * count, [None] * count, [0] * count)
    begin = time.perf_counter()
    running = asyncio.create_task(queuer.run())
    await asyncio.wait_for(done.wait(), 120)
    print("runs", count / (time.perf_counter() - begin), "per_second")
    waits = []
    for number in range(min(count, 300)):
        sent = time.perf_counter()
        await queries.enqueue("ping", str(number).encode(), 0)
        payload, at = await asyncio.wait_for(started.get(), 30)
        if payload != str(number).encode():
            raise RuntimeError(f"job {payload} began where {number} was sent")
        waits.append((at - sent) * 1000)
    waits.sort()
    print("pickup_p50", waits[len(waits) // 2], "ms")
    print("pickup_p99", waits[len(waits) * 99 // 100], "ms")
    sys.stdout.flush()
    os._exit(0)


asyncio.run(main())
