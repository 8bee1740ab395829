/** bun packaging/parts/model/make.ts [--minutes 6]: learns a vocabulary, trains the model, writes tiny.gguf anew. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  ANSWER_BEGINS,
  cutMiddle,
  type Message,
  MESSAGE_TOKENS_MAX,
  messagePieces,
  type Piece,
  SYSTEM_TOKENS_MAX,
} from "../engine/template.ts";
import { makeTalk, type Talk } from "./corpus.ts";
import { SHAPE, tensorShapes, writeGguf } from "./gguf.ts";
import { openRandom } from "./random.ts";
import { encoder, learnVocabulary, MARKS, type Vocabulary } from "./vocabulary.ts";

/** Debian packages its torch for its own Python. */
const PYTHON = "/usr/bin/python3";
const VOCABULARY_SIZE = 1_280;
const VOCABULARY_TALKS = 500;
const TALKS = 4_000;
const HELD_OUT_TALKS = 40;

const { values } = parseArgs({ options: { minutes: { type: "string", default: "6" } } });
const scratch = mkdtempSync(join(tmpdir(), "watchpost-model-"));
try {
  const vocabulary = learnVocabulary(talks(1, VOCABULARY_TALKS).flatMap(textsOf), VOCABULARY_SIZE);
  const encode = tokensOf(vocabulary);
  await Bun.write(join(scratch, "train.jsonl"), talks(2, TALKS).map(encode).join("\n"));
  await Bun.write(join(scratch, "held-out.jsonl"), talks(3, HELD_OUT_TALKS).map(encode).join("\n"));
  const tensors = tensorShapes(vocabulary.tokens.length);
  await Bun.write(join(scratch, "config.json"), JSON.stringify({ ...SHAPE, tensors }));
  const train = Bun.spawn([PYTHON, join(import.meta.dir, "train.py"), scratch, values.minutes], {
    env: { ...process.env, OPENBLAS_NUM_THREADS: "1" },
    stdout: "inherit",
    stderr: "inherit",
  });
  if ((await train.exited) !== 0)
    throw new Error(`train.py ended with ${train.exitCode}. It needs Debian's python3-torch and libopenblas0-pthread.`);
  const weights = new Float32Array(await Bun.file(join(scratch, "weights.f32")).arrayBuffer());
  await Bun.write(join(import.meta.dir, "tiny.gguf"), writeGguf(vocabulary, weights));
} finally {
  rmSync(scratch, { recursive: true });
}

function talks(seed: number, count: number): Talk[] {
  const random = openRandom(seed);
  return Array.from({ length: count }, () => makeTalk(random));
}

function textsOf({ messages, tools }: Talk): string[] {
  return piecesOf(messages, tools).flatMap(({ pieces }) => pieces.flatMap((p) => ("text" in p ? [p.text] : [])));
}

function piecesOf(messages: readonly Message[], tools: Talk["tools"]): { message: Message; pieces: Piece[] }[] {
  return messages.map((message) => ({
    message,
    pieces: messagePieces(message, message.role === "system" ? tools : []),
  }));
}

/** Ids of one talk, and beside each whether it is to be learnt. */
function tokensOf(vocabulary: Vocabulary): (talk: Talk) => string {
  const encodeText = encoder(vocabulary);
  const marks = new Map(MARKS.map((mark) => [mark, vocabulary.tokens.indexOf(mark)]));
  const encode = (pieces: readonly Piece[]) =>
    pieces.flatMap((piece) => ("mark" in piece ? [marks.get(piece.mark) ?? 0] : encodeText(piece.text)));
  const begins = encode(ANSWER_BEGINS).length;
  return ({ messages, tools }) => {
    const ids: number[] = [];
    const learnt: number[] = [];
    for (const { message, pieces } of piecesOf(messages, tools)) {
      const whole = encode(pieces);
      const max = message.role === "system" ? SYSTEM_TOKENS_MAX : MESSAGE_TOKENS_MAX;
      const shown = message.role === "assistant" ? whole : cutMiddle(whole, max);
      ids.push(...shown);
      // Who speaks is given, and so is the line break behind; what is said is learnt, and that it ends.
      learnt.push(...shown.map((_, i) => Number(message.role === "assistant" && i >= begins && i < shown.length - 1)));
    }
    return JSON.stringify([ids, learnt]);
  };
}
