"""A program with the `websockets` library: it says what the job on standard input lists, and prints
what its style prints."""

import asyncio
import json
import logging
import sys
import time

import websockets

from talk import Talk

job = json.load(sys.stdin)
style = job["style"]
formats = {
    "debug": "%(asctime)s %(levelname)s %(name)s %(message)s",
    "debug-bare": "%(levelname)s:%(name)s:%(message)s",
    "debug-pretty": "%(asctime)s | %(levelname)-8s | %(name)s:%(funcName)s:%(lineno)d - %(message)s",
    "app": "%(asctime)s [%(levelname)s] %(name)s: %(message)s",
    "exception": "%(asctime)s,%(name)s,%(levelname)s,%(message)s",
}
if style in formats:
    level = logging.DEBUG if style.startswith("debug") else logging.INFO
    logging.basicConfig(format=formats[style], level=level, stream=sys.stdout)
log = logging.getLogger("tts")


def say(words):
    if style in formats:
        log.info(words)
    else:
        print(words)


async def listen(socket, talk):
    while True:
        await talk.paused.wait()
        message = await socket.recv()
        if style == "app" and '"error"' in message:
            log.info("server says %s", message)
        talk.heard(message)


async def speak():
    talk = Talk(job["steps"])
    options = dict(job.get("options") or {})
    async with websockets.connect(
        job["url"], extra_headers=job.get("headers") or {}, **options
    ) as socket:
        if style in ("app", "exception"):
            log.info("connected")
        listening = asyncio.ensure_future(listen(socket, talk))
        talking = asyncio.ensure_future(talk.run(socket.send, socket.close, say))
        try:
            done, _ = await asyncio.wait(
                {listening, talking}, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in done:
                task.result()
        finally:
            listening.cancel()
            talking.cancel()


async def main():
    begun = time.monotonic()
    try:
        await speak()
    except websockets.exceptions.ConnectionClosedOK as closed:
        if style in ("traceback", "exception"):
            raise
        say("connection closed: %s" % closed)
    except Exception as error:
        if style == "traceback":
            raise
        if style == "repr":
            print("TTS failed after %.1fs: %r" % (time.monotonic() - begun, error))
        elif style == "exception":
            log.exception("synthesis failed")
        elif style == "mute":
            print("tts connection lost")
        else:
            log.error("connection closed: %s", error)


sys.stdout.reconfigure(line_buffering=True)
asyncio.run(main())
