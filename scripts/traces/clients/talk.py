"""The steps of a job, for clients in Python; see steps.ts."""

import asyncio
import json


class Talk:
    def __init__(self, steps):
        self.steps = steps
        self.paused = asyncio.Event()
        self.paused.set()
        self._waiting = []

    def heard(self, message):
        for words, future in self._waiting:
            if words in message and not future.done():
                future.set_result(None)

    async def run(self, send, close, say):
        """Carries the steps out with what the library offers."""
        for act, *details in self.steps:
            if act == "send":
                message = details[0]
                await send(message if isinstance(message, str) else json.dumps(message))
            elif act == "bytes":
                await send(bytes.fromhex(details[0]))
            elif act == "wait":
                await asyncio.sleep(details[0])
            elif act == "until":
                future = asyncio.get_running_loop().create_future()
                self._waiting.append((details[0], future))
                await future
            elif act == "close":
                await close(*details)
            elif act == "pause":
                self.paused.clear()
            elif act == "resume":
                self.paused.set()
            elif act == "note":
                say(details[0])
