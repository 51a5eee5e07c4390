import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  characterMetadata,
  piperInputs,
  piperOutputs,
  toneTokens,
} from "../test/support/onnx-fixture.ts";
import {
  type Constant,
  encodeOnnx,
  floats,
  integers,
  type Operation,
} from "../test/support/onnx-writer.ts";

// Writes a voice that costs what a medium voice of Piper costs, into the folder that is its
// argument: the flow and the decoder in Piper's dimensions, with weights thrown by a dice that
// always falls the same. What it says is noise. The text encoder and the duration predictor, some
// 7 % of the work, are left out.

/** Piper's "medium": https://github.com/rhasspy/piper, piper_train/vits/config.py */
const hidden = 192;
const sampleRateHz = 22_050;
const upsampling = [
  { rate: 8, kernel: 16 },
  { rate: 8, kernel: 16 },
  { rate: 4, kernel: 8 },
] as const;
const firstChannels = 256;
const blocks = [
  { kernel: 3, dilations: [1, 2] },
  { kernel: 5, dilations: [2, 6] },
  { kernel: 7, dilations: [3, 12] },
] as const;
const couplings = 4;
const couplingLayers = 4;
const couplingKernel = 5;
/** As many of 256 samples as a sound lasts: 70 ms. */
const framesPerPhoneme = 6;

/** Numbers from -1 to 1, the same ones every time: a xorshift generator. */
function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state | 0) / 2 ** 31;
  };
}

/** A graph while it is put together; each method adds to it and names what comes out. */
class GraphBuilder {
  readonly operations: Operation[] = [];
  readonly constants: Constant[] = [];
  /** Multiplications for one frame of 256 samples. */
  macsPerFrame = 0;
  readonly #dice = createDice(20_261_121);
  #count = 0;

  add(op: string, inputs: readonly string[], attributes: Operation["attributes"] = {}): string {
    const output = `${op.toLowerCase()}_${++this.#count}`;
    this.operations.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  constant(make: (name: string) => Constant): string {
    const constant = make(`constant_${++this.#count}`);
    this.constants.push(constant);
    return constant.name;
  }

  weights(dims: readonly number[], scale: number): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const data = Float32Array.from({ length: count }, () => this.#dice() * scale);
    return this.constant((name) => ({ name, dims, data }));
  }

  conv(
    input: string,
    from: number,
    to: number,
    kernel: number,
    perFrame: number,
    dilation = 1,
    loudness = 1,
  ): string {
    // As loud behind the layer as before it.
    const scale = Math.sqrt(3 / (from * kernel)) * loudness;
    const pad = ((kernel - 1) * dilation) / 2;
    this.macsPerFrame += from * to * kernel * perFrame;
    return this.add(
      "Conv",
      [input, this.weights([to, from, kernel], scale), this.weights([to], 0)],
      {
        kernel_shape: [kernel],
        dilations: [dilation],
        pads: [pad, pad],
      },
    );
  }

  upsample(
    input: string,
    from: number,
    to: number,
    rate: number,
    kernel: number,
    perFrame: number,
  ): string {
    const scale = Math.sqrt((3 * rate) / (from * kernel));
    const pad = (kernel - rate) / 2;
    this.macsPerFrame += from * to * kernel * perFrame;
    return this.add(
      "ConvTranspose",
      [input, this.weights([from, to, kernel], scale), this.weights([to], 0)],
      {
        kernel_shape: [kernel],
        strides: [rate],
        pads: [pad, pad],
      },
    );
  }

  slice(input: string, from: number, to: number): string {
    const at = (value: number): string => this.constant((name) => integers(name, [1], [value]));
    return this.add("Slice", [input, at(from), at(to), at(1)]);
  }

  leaky = (input: string): string => this.add("LeakyRelu", [input], { alpha: 0.1 });
}

/** Phonemes as frames: each as long as `length_scale` wants it. */
function frames(graph: GraphBuilder): string {
  const embedding = graph.weights([64, hidden], 1);
  const phonemes = graph.add("Transpose", [graph.add("Gather", [embedding, "input"])], {
    perm: [0, 2, 1],
  });
  const one = graph.constant((name) => integers(name, [1], [1]));
  const scale = graph.add("Gather", ["scales", one]);
  const usual = graph.constant((name) => floats(name, [1], [framesPerPhoneme]));
  const count = graph.add("Cast", [graph.add("Round", [graph.add("Mul", [scale, usual])])], {
    to: 7,
  });
  const ones = graph.constant((name) => integers(name, [3], [1, 1, 1]));
  const shape = graph.add("Concat", [ones, count], { axis: 0 });
  const last = graph.constant((name) => integers(name, [1], [3]));
  const repeated = graph.add("Expand", [graph.add("Unsqueeze", [phonemes, last]), shape]);
  const flat = graph.constant((name) => integers(name, [3], [1, hidden, -1]));
  return graph.add("Reshape", [repeated, flat]);
}

/** One coupling of the flow: half of the channels say how the other half is changed. */
function coupling(graph: GraphBuilder, input: string): string {
  const half = hidden / 2;
  const kept = graph.slice(input, 0, half);
  const changed = graph.slice(input, half, hidden);
  let state = graph.conv(kept, half, hidden, 1, 1);
  let skipped: string | undefined;
  for (let layer = 0; layer < couplingLayers; layer += 1) {
    const gates = graph.conv(state, hidden, 2 * hidden, couplingKernel, 1);
    const signal = graph.add("Tanh", [graph.slice(gates, 0, hidden)]);
    const gate = graph.add("Sigmoid", [graph.slice(gates, hidden, 2 * hidden)]);
    const both = graph.conv(graph.add("Mul", [signal, gate]), hidden, 2 * hidden, 1, 1);
    state = graph.add("Add", [state, graph.slice(both, 0, hidden)]);
    const skip = graph.slice(both, hidden, 2 * hidden);
    skipped = skipped === undefined ? skip : graph.add("Add", [skipped, skip]);
  }
  const mean = graph.conv(skipped ?? state, hidden, half, 1, 1, 1, 0.3);
  return graph.add("Concat", [graph.add("Sub", [changed, mean]), kept], { axis: 1 });
}

function decoder(graph: GraphBuilder, input: string): string {
  let channels = firstChannels;
  let perFrame = 1;
  let state = graph.conv(input, hidden, channels, 7, 1);
  for (const { rate, kernel } of upsampling) {
    state = graph.upsample(graph.leaky(state), channels, channels / 2, rate, kernel, perFrame);
    channels /= 2;
    perFrame *= rate;
    const sums = blocks.map((block) => {
      let branch = state;
      for (const dilation of block.dilations) {
        const change = graph.conv(
          graph.leaky(branch),
          channels,
          channels,
          block.kernel,
          perFrame,
          dilation,
          0.5,
        );
        branch = graph.add("Add", [branch, change]);
      }
      return branch;
    });
    const third = graph.constant((name) => floats(name, [], [1 / blocks.length]));
    state = graph.add("Mul", [graph.add("Sum", sums), third]);
  }
  return graph.add("Tanh", [graph.conv(graph.leaky(state), channels, 1, 7, perFrame, 1, 0.3)]);
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Give the folder to write the voice to.");

const graph = new GraphBuilder();
let flow = frames(graph);
for (let index = 0; index < couplings; index += 1) flow = coupling(graph, flow);
const sound = decoder(graph, flow);
const shape = graph.constant((name) => integers(name, [4], [1, 1, 1, -1]));
graph.operations.push({ op: "Reshape", inputs: [sound, shape], outputs: ["output"] });
const model = encodeOnnx({
  inputs: piperInputs,
  outputs: piperOutputs,
  operations: graph.operations,
  constants: graph.constants,
  metadata: characterMetadata(sampleRateHz),
});
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "model.onnx"), model);
await writeFile(join(folder, "tokens.txt"), toneTokens);

const samplesPerFrame = upsampling.reduce((product, { rate }) => product * rate, 1);
const gmacs = (graph.macsPerFrame * sampleRateHz) / samplesPerFrame / 1e9;
const megabytes = (model.length / 1e6).toFixed(0);
process.stdout.write(
  `Wrote a voice of ${megabytes} MB to ${folder}: ${gmacs.toFixed(2)} GMAC for a second of audio.\n`,
);
