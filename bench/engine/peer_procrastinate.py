"""Procrastinate: empty jobs a second with one worker, and the latency from defer to start, one job after the other."""
import asyncio, os, sys, time
import procrastinate

url, count = sys.argv[1], int(sys.argv[2])
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
started, done = None, None
left = count


@app.task(name="empty", queue="empty")
async def empty():
    global left
    left -= 1
    if left == 0:
        done.set()


@app.task(name="ping", queue="empty")
async def ping():
    started.put_nowait(time.perf_counter())


async def main():
    global started, done
    started, done = asyncio.Queue(), asyncio.Event()
    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        await empty.batch_defer_async(*({} for _ in range(count)))
        begin = time.perf_counter()
        running = asyncio.create_task(app.run_worker_async(queues=["empty"], wait=True, install_signal_handlers=False))
        await asyncio.wait_for(done.wait(), 200)
        print("runs", count / (time.perf_counter() - begin), "per_second")
        waits = []
        for _ in range(min(count, 300)):
            sent = time.perf_counter()
            await ping.defer_async()
            waits.append((await asyncio.wait_for(started.get(), 30) - sent) * 1000)
        waits.sort()
        print("pickup_p50", waits[len(waits) // 2], "ms")
        print("pickup_p99", waits[len(waits) * 99 // 100], "ms")
        sys.stdout.flush()
        os._exit(0)


asyncio.run(main())
