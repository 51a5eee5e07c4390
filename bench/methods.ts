/** How each figure is measured: for the page that shows them. Servers run in processes of their own. */
export const methods = {
  "first-audio":
    "A client that has a socket open sends four words; the bound is a warm worker with the engine alone.",
  throughput:
    "16 streams of 60 words at once; the bound is engine and encoder in a bare loop on two threads.",
  fairness:
    "32 streams speak a paragraph of 60 words again and again; every 200 ms a newcomer, whose socket is open, sends a clause of four words and all its text. The bound is the same server with `--scheduling arrival`. Nobody is refused, and the lead has no bounds.",
  "conversations-kal16":
    "`syrinx bench`'s paced conversations: 150 characters at 30 tokens a second, ten seconds of speech, ten of pause, audio consumed as it comes, without a buffer of the player's own: a gap of more than 1 ms is an underrun. The bound is as many conversations as engine and encoder, alone on two threads, make audio for, if each speaks as much of the time as it does on a server nobody else uses (about eight seconds of twenty). Engine and encoder speak the same utterances, with an encoder for each turn, right before each load is tried, since the machine's speed changes. One server speaks in all rounds, after a load that does not count: the bound's threads are warm as well. Loads are tried in steps of 5 % of the bound, from 80 % in the first round and from what was carried before in the others: upwards while nobody runs dry or is refused, else downwards until nobody does or is. Then three times as many come as were carried; goodput is audio of turns without an underrun, the peak is calculated, since the machine's speed changes by a tenth from minute to minute: the best of the loads tried, each divided by the bound of its moment, times the bound right before the overload. The admitted are all who were not refused; a second of their first audio is their text being written, here and there. Turns count that begin from the 25th to the 50th second. The limits are the defaults; nothing is cached. The load generator, a process of its own with a heap of 512 MB, shares the two cores.",
  "conversations-slt": "The same with a voice that takes twice as much to make.",
  cost: "Processor time of the whole server for an audio second, 8 streams of long text; the bound is Flite's program alone on two threads.",
  stalled:
    "200 clients ask for long texts and never read, of 50 others one asks for a clause every 40 ms; the bound is the 50 alone, on a server where 200 others have read as much before, because speaking so much leaves its marks in memory as well.",
  idle: "Sockets that are open, authenticated and silent, timers running; resident memory after a garbage collection, and processor time while nothing is said.",
  connections:
    "Clients connect, show a key in the first message, and close when it was accepted; once with the records of connections that are kept by default, and once with `--connection-records off`. The bound is `ws` without anything else.",
  accounts:
    "A server with SQLite in a folder, usage, history with sound, and a key that has a quota, limits of concurrency and of requests, voices and addresses; the bound is the same server with `--auth off`, no history, and records in memory, which is how all other figures are measured. The key is allowed all that is asked.",
  recorder:
    "A server that keeps the story of every connection in SQLite; the bound is the same server with `--connection-records off`. Each round is the mean of three times 16 streams.",
  frames:
    "Frames with base64 and alignment, from ready-made samples in the voice's own rate, for each second of processor time; the bound is `ws` sending ready-made frames of that size.",
  dialects:
    "50 ElevenLabs and 50 Waves sockets ask for four words at once; the bound is 100 of either family.",
  sharing: "Five contexts on one socket, beside five sockets.",
  "barge-in":
    "A minute of speech is interrupted at its first audio, when all workers are busy; the bound is an idle server.",
  book: "Memory while 100,000 words are spoken into one stream, beside the process after its first paragraph.",
  engines:
    "Each engine with its own samples: audio seconds for each second of processor time of the server and its child processes, several streams of long text at once, and the first audio of four words to one client; the bound is the engine's own program, library or model in a bare loop with the same utterances. The neural voice has the dimensions of a medium voice of Piper and weights thrown by a dice (`scripts/build-realistic-voice.ts`); its paced conversations are those of `conversations-kal16`, of which all turns count.",
  processes: "Throughput of `--processes 2`, beside one process; memory of each process.",
} as const;

export type BenchmarkName = keyof typeof methods;

/** Why a figure falls short, by the beginning of its name. */
export const shortfalls: Readonly<Record<string, string>> = {
  "frames per second and core":
    "A third of the server's time is the kernel's, which is nearly all that `ws` needs for a frame that is ready. Base64 of 34 kB and its copy take a sixth, garbage collection another, and the last third is alignment in JSON and the chain from the engine to the socket, through which order, back-pressure and cancelling go.",
  "connections per second and core, with a key check":
    "The server's thread takes 320 µs for a connection, of `ws` alone 100 µs. The kernel takes 77 µs of them, and 34 µs of those of `ws`: the client waits for this server and has to be woken by each write, whereas `ws` is faster than the client. The record of a connection takes some 60 µs. The rest is spread thin: no function of the server's own takes more than 12 µs. Before addresses were counted, settings of voices kept in the database and connections recorded, it was 0.55 times.",
  "first audio, 95th percentile, 5 contexts on one socket": "Between 0.9 and 1.2 from run to run.",
  "audio seconds per second of two processes":
    "Between 0.84 and 1.05 from run to run: there are no more cores for the second one.",
  "audio seconds per core second, 8 streams, flite-kal16":
    "A second of audio costs the server 0.5 to 0.7 ms besides its engine (alignment, frames, base64, the socket), and this voice takes no more than that itself.",
  "audio seconds per core second, 8 streams, espeak-en-us":
    "The same, and pipes to the child process, beside an engine that takes 2.2 ms.",
  "first audio, 4 words, flite-kal16, with accounts":
    "A quarter of a millisecond, between 0.7 and 1.3 times from round to round: a quota is one statement on the thread of SQLite, which is answered while the voice is made, but this voice needs no more than a millisecond.",
  "audio seconds per second, 16 streams of 60 words, flite-slt, with accounts":
    "Keeping the sound of history is all of it: without history the ratio was 1.00 in a run right after. It is 48 kB for each second of pcm_24000, at 140 seconds a second, and SQLite writes it twice.",
  "memory while speaking 100000 words":
    "All of it comes in the first two of ten hours: the heaps of the main thread and of four workers grow to the size they work in. From there to the end it stays within 5 MiB.",
  "first audio, 4 words, flite-slt, pcm_16000":
    "Between 1.4 and 5.2 ms from round to round; 1.8 ms was the median of another run the same day.",
};
