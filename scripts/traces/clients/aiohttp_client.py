"""A program with the `aiohttp` library: it says what the job on standard input lists, and prints what
its style prints."""

import asyncio
import json
import logging
import sys

import aiohttp

from talk import Talk

job = json.load(sys.stdin)
style = job["style"]
if style in ("app", "debug"):
    logging.basicConfig(
        format="%(asctime)s - %(levelname)s - %(name)s - %(message)s",
        level=logging.DEBUG if style == "debug" else logging.INFO,
        stream=sys.stdout,
    )
log = logging.getLogger("speech")


def say(words):
    if style in ("app", "debug"):
        log.info(words)
    else:
        print(words)


async def listen(socket, talk):
    async for message in socket:
        await talk.paused.wait()
        if message.type == aiohttp.WSMsgType.TEXT:
            if '"audio":"' not in message.data:
                say("received %s" % message.data)
            talk.heard(message.data)
        elif message.type == aiohttp.WSMsgType.ERROR:
            say("websocket error: %r" % socket.exception())
    say("websocket closed: code=%s exception=%r" % (socket.close_code, socket.exception()))


async def converse(session):
    talk = Talk(job["steps"])

    async def send(message):
        await (socket.send_bytes if isinstance(message, bytes) else socket.send_str)(message)

    async def close(code=1000, reason=""):
        await socket.close(code=code, message=reason.encode())

    options = job.get("options") or {}
    async with session.ws_connect(job["url"], headers=job.get("headers"), **options) as socket:
        say("connected")
        talking = asyncio.ensure_future(talk.run(send, close, say))
        await listen(socket, talk)
        await asyncio.sleep(0.2)
        if talking.done():
            talking.result()
        talking.cancel()


async def ask(session):
    async with session.request(
        job.get("method", "POST"), job["url"], headers=job.get("headers"), json=job.get("body")
    ) as response:
        if style != "traceback":
            say("HTTP %s %s" % (response.status, (await response.read())[:2000]))
        response.raise_for_status()


async def main():
    async with aiohttp.ClientSession() as session:
        try:
            await (converse(session) if "steps" in job else ask(session))
        except Exception as error:
            if style == "traceback":
                raise
            if style == "repr":
                print("TTS error: %r" % error)
            else:
                log.error("TTS request failed", exc_info=error)


sys.stdout.reconfigure(line_buffering=True)
asyncio.run(main())
