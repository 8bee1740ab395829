/** Writes a llama model as a GGUF file (version 3): metadata, then the tensors, matrices in blocks of 8 bits. */
import { MARKS, type Vocabulary } from "./vocabulary.ts";

export const SHAPE = { dim: 128, layers: 4, heads: 4, hidden: 384, context: 2_048 } as const;

export interface TensorShape {
  name: string;
  /** Rows, then columns; one number for a vector. */
  shape: [number, number] | [number];
}

/** In the order in which the trained weights follow each other. */
export function tensorShapes(vocabulary: number): TensorShape[] {
  const { dim, layers, hidden } = SHAPE;
  const layer = (i: number): TensorShape[] => [
    { name: `blk.${i}.attn_norm.weight`, shape: [dim] },
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map(
      (part): TensorShape => ({ name: `blk.${i}.${part}.weight`, shape: [dim, dim] }),
    ),
    { name: `blk.${i}.ffn_norm.weight`, shape: [dim] },
    { name: `blk.${i}.ffn_gate.weight`, shape: [hidden, dim] },
    { name: `blk.${i}.ffn_up.weight`, shape: [hidden, dim] },
    { name: `blk.${i}.ffn_down.weight`, shape: [dim, hidden] },
  ];
  return [
    { name: "token_embd.weight", shape: [vocabulary, dim] },
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    { name: "output_norm.weight", shape: [dim] },
    { name: "output.weight", shape: [vocabulary, dim] },
  ];
}

const VERSION = 3;
const ALIGNMENT = 32;
const TYPE = { u32: 4, f32: 6, bool: 7, string: 8, array: 9, i32: 5 } as const;
const TENSOR_F32 = 0;
const TENSOR_Q8 = 8;
const FILE_MOSTLY_Q8 = 7;
const TOKEN = { normal: 1, control: 3, userDefined: 4 } as const;

class Writer {
  #parts: Uint8Array[] = [];
  length = 0;

  bytes(part: Uint8Array): void {
    this.#parts.push(part);
    this.length += part.length;
  }
  #number(size: number, set: (view: DataView) => void): void {
    const view = new DataView(new ArrayBuffer(size));
    set(view);
    this.bytes(new Uint8Array(view.buffer));
  }
  u32(value: number): void {
    this.#number(4, (view) => view.setUint32(0, value, true));
  }
  u64(value: number): void {
    this.#number(8, (view) => view.setBigUint64(0, BigInt(value), true));
  }
  f32(value: number): void {
    this.#number(4, (view) => view.setFloat32(0, value, true));
  }
  text(value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.u64(encoded.length);
    this.bytes(encoded);
  }
  align(): void {
    this.bytes(new Uint8Array((ALIGNMENT - (this.length % ALIGNMENT)) % ALIGNMENT));
  }
  finish(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

export function writeGguf(vocabulary: Vocabulary, weights: Float32Array): Uint8Array {
  const shapes = tensorShapes(vocabulary.tokens.length);
  const out = new Writer();
  const entries = metadata(vocabulary);
  out.bytes(new TextEncoder().encode("GGUF"));
  out.u32(VERSION);
  out.u64(shapes.length);
  out.u64(entries.length);
  for (const [key, write] of entries) {
    out.text(key);
    write(out);
  }
  let read = 0;
  const data = new Writer();
  for (const { name, shape } of shapes) {
    const count = shape.reduce((a: number, b) => a * b, 1);
    const values = weights.subarray(read, read + count);
    read += count;
    const isMatrix = shape.length === 2;
    out.text(name);
    out.u32(shape.length);
    for (const size of shape.toReversed()) out.u64(size);
    out.u32(isMatrix ? TENSOR_Q8 : TENSOR_F32);
    out.u64(data.length);
    data.bytes(isMatrix ? inBlocks(values) : new Uint8Array(values.slice().buffer));
    data.align();
  }
  if (read !== weights.length) throw new Error(`the model has ${read} weights, the training gave ${weights.length}`);
  out.align();
  out.bytes(data.finish());
  return out.finish();
}

/** Q8_0: 32 values as one 16-bit scale and 32 signed bytes. */
function inBlocks(values: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer((values.length / 32) * 34));
  for (let block = 0; block < values.length / 32; block += 1) {
    const part = values.subarray(block * 32, block * 32 + 32);
    const scale = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    out.setFloat16(block * 34, scale, true);
    part.forEach((value, i) => out.setInt8(block * 34 + 2 + i, scale === 0 ? 0 : Math.round(value / scale)));
  }
  return new Uint8Array(out.buffer);
}

type Entry = [key: string, write: (out: Writer) => void];

function metadata({ tokens, merges }: Vocabulary): Entry[] {
  const number = (key: string, value: number): Entry => [key, (out) => (out.u32(TYPE.u32), out.u32(value))];
  const decimal = (key: string, value: number): Entry => [key, (out) => (out.u32(TYPE.f32), out.f32(value))];
  const text = (key: string, value: string): Entry => [key, (out) => (out.u32(TYPE.string), out.text(value))];
  const no = (key: string): Entry => [key, (out) => (out.u32(TYPE.bool), out.bytes(new Uint8Array(1)))];
  const array = (key: string, type: number, length: number, each: (out: Writer) => void): Entry => [
    key,
    (out) => {
      out.u32(TYPE.array);
      out.u32(type);
      out.u64(length);
      each(out);
    },
  ];
  const texts = (key: string, values: readonly string[]) =>
    array(key, TYPE.string, values.length, (out) => values.forEach((value) => out.text(value)));
  const { dim, layers, heads, hidden, context } = SHAPE;
  const types = tokens.map(typeOfToken);
  return [
    text("general.architecture", "llama"),
    text("general.name", "watchpost-tiny"),
    number("general.file_type", FILE_MOSTLY_Q8),
    number("general.quantization_version", 2),
    number("llama.block_count", layers),
    number("llama.context_length", context),
    number("llama.embedding_length", dim),
    number("llama.feed_forward_length", hidden),
    number("llama.attention.head_count", heads),
    number("llama.attention.head_count_kv", heads),
    decimal("llama.attention.layer_norm_rms_epsilon", 1e-5),
    decimal("llama.rope.freq_base", 10_000),
    number("llama.rope.dimension_count", dim / heads),
    number("llama.vocab_size", tokens.length),
    text("tokenizer.ggml.model", "gpt2"),
    text("tokenizer.ggml.pre", "gpt-2"),
    texts("tokenizer.ggml.tokens", tokens),
    array("tokenizer.ggml.token_type", TYPE.i32, types.length, (out) => types.forEach((type) => out.u32(type))),
    texts("tokenizer.ggml.merges", merges),
    number("tokenizer.ggml.bos_token_id", tokens.indexOf("<|endoftext|>")),
    number("tokenizer.ggml.eos_token_id", tokens.indexOf("<|im_end|>")),
    number("tokenizer.ggml.padding_token_id", tokens.indexOf("<|endoftext|>")),
    no("tokenizer.ggml.add_bos_token"),
  ];
}

function typeOfToken(token: string): number {
  if (!MARKS.includes(token)) return TOKEN.normal;
  return token.includes("tool_call") ? TOKEN.userDefined : TOKEN.control;
}
