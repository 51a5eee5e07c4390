/** The WebAssembly build of libopus inside `@evan/opus`, which comes without types of its own. */
declare module "@evan/opus/wasm/index.js" {
  export class Encoder {
    constructor(options: {
      channels: 1 | 2;
      sample_rate: 8000 | 12000 | 16000 | 24000 | 48000;
      application: "voip" | "audio" | "restricted_lowdelay";
    });
    /** Sets one of the `OPUS_SET_*` requests of `opus_defines.h`. */
    ctl(request: number, value: number): number;
    /** One frame of 16-bit samples to one packet, copied. */
    encode(frame: Int16Array): Uint8Array;
    /** Frees the encoder's memory; using it afterwards is undefined. */
    drop(): void;
  }

  export class Decoder {
    constructor(options: { channels: 1 | 2; sample_rate: 8000 | 12000 | 16000 | 24000 | 48000 });
    /** One packet to signed 16-bit little-endian bytes, copied. @throws {Error} for no packet */
    decode(packet: Uint8Array): Uint8Array;
    /** Frees the decoder's memory; using it afterwards is undefined. */
    drop(): void;
  }
}
