// How applications print what happens on a socket. Each style is what somebody writes who has never
// had to find out why one closed, or who has.
import { hostname } from "node:os";

const stamp = () => new Date().toISOString();
const parse = (message) => {
  try {
    return JSON.parse(message);
  } catch {
    return message;
  }
};
const soundOf = (message) => {
  const { audio, data } = parse(message);
  return audio ?? data?.audio ?? undefined;
};
const bytesOf = (sound) => Buffer.from(sound, "base64").length;
const short = (message, limit) =>
  message.length > limit ? `${message.slice(0, limit)}... (${message.length} characters)` : message;

/** The handlers of the library's README. */
const plain = () => ({
  open: () => console.log("connected"),
  received(message) {
    const sound = soundOf(message);
    if (sound) console.log("audio chunk", bytesOf(sound));
    else console.log("message", parse(message));
  },
  failed: (error) => console.error("error", error),
  closed: (code, reason) => console.log("close", code, reason),
  note: (words) => console.log(words),
});

/** Nothing but the code. */
const bare = () => ({
  open: () => console.log("TTS socket opened"),
  failed: (error) => console.log(`TTS socket error: ${error.message}`),
  closed: (code) => console.log(`TTS socket closed (${code})`),
  note: (words) => console.log(words),
});

/** Not even the code. */
const mute = () => ({
  open: () => console.log("tts: ready"),
  failed: () => console.log("tts: error"),
  closed: () => console.log("tts: closed"),
  note: (words) => console.log(words),
});

/** Times, and every message. */
const stamped = () => ({
  connecting: (url) => console.log(`${stamp()} [tts] connecting to ${url}`),
  open: () => console.log(`${stamp()} [tts] open`),
  sent: (message) => console.log(`${stamp()} [tts] -> ${short(message, 160)}`),
  received(message) {
    const sound = soundOf(message);
    const shown = sound ? `audio, ${bytesOf(sound)} bytes` : short(message, 400);
    console.log(`${stamp()} [tts] <- ${shown}`);
  },
  failed: (error) => console.log(`${stamp()} [tts] ${error}`),
  closed: (code, reason) =>
    console.log(`${stamp()} [tts] closed, code=${code} reason=${JSON.stringify(reason)}`),
  note: (words) => console.log(`${stamp()} ${words}`),
});

/** Everything as it is on the wire, without times. */
const dump = () => ({
  connecting: (url) => console.log(`connecting ${url}`),
  open: () => console.log("open"),
  sent: (message) => console.log(`>> ${short(message, 300)}`),
  received: (message) => console.log(`<< ${short(message, 300)}`),
  refused(response, body) {
    console.log(`upgrade failed: ${response.statusCode} ${response.statusMessage}`);
    console.log(body);
  },
  failed: (error) => console.log(`error: ${error.code ?? ""} ${error.message}`),
  closed: (code, reason) => console.log(`close ${code} ${reason}`),
  note: (words) => console.log(`# ${words}`),
});

/** No handler for errors: Node prints what is thrown. */
const careless = () => ({
  open: () => console.log("Connected to ElevenLabs"),
  received(message) {
    const sound = soundOf(message);
    if (sound) console.log(`Received ${bytesOf(sound)} bytes`);
    else console.log("Received", message);
  },
  closed: (code, reason) => console.log(`Disconnected: ${code} ${reason}`),
  note: (words) => console.log(words),
});

/** The handlers of browsers, which `ws` has as well. */
const events = () => ({
  open: () => console.log("[WS] onopen"),
  failed: (error) => console.log("[WS] onerror", { type: "error", message: error.message }),
  closed: (code, reason, byUs) =>
    console.log("[WS] onclose", { code, reason, wasClean: code !== 1006, byUs }),
  note: (words) => console.log(words),
});

/** Only what goes wrong when something is sent. */
const deaf = () => ({
  open: () => console.log("synthesizer connected"),
  failed: (error) => console.log("synthesizer: could not send text:", String(error)),
  note: (words) => console.log(words),
});

const levels = { debug: 20, info: 30, warn: 40, error: 50 };

/** JSON lines as of pino, in a service with other things to log. */
function lines() {
  const log = (level, msg, more = {}) =>
    console.log(
      JSON.stringify({
        level: levels[level],
        time: Date.now(),
        pid: process.pid,
        hostname: hostname(),
        name: "voice-gateway",
        ...more,
        msg,
      }),
    );
  let frames = 0;
  return {
    connecting: (url) => log("info", "tts connecting", { url: url.split("?")[0] }),
    open: () => log("info", "tts connected"),
    received(message) {
      if (soundOf(message)) frames += 1;
      else log("debug", "tts message", { data: parse(message) });
    },
    failed: ({ name, message, code, stack }) =>
      log("error", "tts socket error", { err: { type: name, message, code, stack } }),
    closed: (code, reason) =>
      log(code === 1000 ? "info" : "warn", "tts disconnected", { code, reason, frames }),
    note: (words) => log("info", words),
  };
}

export const reporters = { plain, bare, mute, stamped, dump, careless, events, deaf, lines };
