/** llama.cpp with one model, one thread and one talk at a time: what a model server is, without its HTTP. */
import {
  getLlama,
  type Llama,
  type LlamaContextSequence,
  LlamaGrammarEvaluationState,
  LlamaLogLevel,
  type LlamaModel,
  type Token,
} from "node-llama-cpp";
import { callSchema, type JsonSchema, type Tool } from "./json-schema.ts";
import { CallReader, isWholeJson, type Said } from "./said.ts";
import {
  ANSWER_BEGINS,
  CALL_BEGINS,
  CALL_ENDS,
  cutMiddle,
  type Mark,
  type Message,
  MESSAGE_TOKENS_MAX,
  messagePieces,
  type Piece,
  SYSTEM_TOKENS_MAX,
} from "./template.ts";

const CONTEXT_TOKENS = 2_048;
const ANSWER_TOKENS_MAX = 512;
/** What a token shows that is only a part of a character. */
const PART_OF_CHARACTER = "\uFFFD";

export interface Question {
  messages: readonly Message[];
  tools: readonly Tool[];
  /** The answer is JSON of this schema. */
  format?: JsonSchema | undefined;
  tokensMax: number;
  signal: AbortSignal;
}

/** A talk that does not fit the window: the asker's mistake, not ours. */
export class TooLong extends Error {}

type GrammarSchema = Parameters<Llama["createGrammarForJsonSchema"]>[0];

export async function openModel(modelPath: string): Promise<Model> {
  const llama = await getLlama({
    gpu: false,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    maxThreads: 1,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ contextSize: CONTEXT_TOKENS, threads: 1 });
  return new Model(llama, model, context.getSequence());
}

export class Model {
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #sequence: LlamaContextSequence;
  #turn: Promise<void> = Promise.resolve();

  constructor(llama: Llama, model: LlamaModel, sequence: LlamaContextSequence) {
    this.#llama = llama;
    this.#model = model;
    this.#sequence = sequence;
  }

  /** Answers one question after the other, in the order in which they came. */
  async *ask(question: Question): AsyncGenerator<Said> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await before;
      if (!question.signal.aborted) yield* this.#answer(question);
    } finally {
      resolve();
    }
  }

  async *#answer(question: Question): AsyncGenerator<Said> {
    const { format, tools, signal } = question;
    const prompt = this.#promptOf(question);
    const tokensMax = Math.min(question.tokensMax, ANSWER_TOKENS_MAX);
    if (prompt.length + tokensMax > CONTEXT_TOKENS) {
      const asked = `a talk of ${prompt.length} tokens and ${tokensMax} to answer`;
      throw new TooLong(`${asked} exceed the window of ${CONTEXT_TOKENS}`);
    }
    let grammar = format ? await this.#grammarOf(format) : undefined;
    const bound = format || tools.length > 0 ? { grammarEvaluationState: () => grammar } : {};
    const call = new CallReader();
    let unread: Token[] = [];
    let json = "";
    let outputTokens = 0;
    let reason: "stop" | "length" = "stop";
    await this.#sequence.clearHistory();
    for await (const token of this.#sequence.evaluate(prompt, { temperature: 0, ...bound })) {
      if (signal.aborted) return;
      outputTokens += 1;
      unread.push(token);
      const text = this.#model.detokenize(unread);
      if (tools.length > 0 && !call.isOpen && this.#is(token, CALL_BEGINS)) {
        grammar = await this.#grammarOf(callSchema(tools));
        call.open();
        unread = [];
      } else if (this.#is(token, CALL_ENDS)) {
        unread = [];
      } else if (!text.endsWith(PART_OF_CHARACTER)) {
        unread = [];
        if (call.isOpen) yield* call.read(text);
        else if (text !== "") yield { kind: "text", text };
        if (!format && !call.isOpen) grammar = undefined;
        json += format ? text : "";
        if (format && isWholeJson(json)) break;
      }
      if (outputTokens >= tokensMax) {
        reason = "length";
        break;
      }
    }
    yield { kind: "done", reason, promptTokens: prompt.length, outputTokens };
  }

  #promptOf({ messages, tools }: Question): Token[] {
    const offered = tools.map(({ name, parameters }) => ({
      name,
      parameters: Object.keys(parameters.properties ?? {}),
    }));
    const hasSystem = messages[0]?.role === "system";
    const [system, rest] = hasSystem ? [messages[0], messages.slice(1)] : [undefined, messages];
    const told = messagePieces(system ?? { role: "system", content: "" }, offered);
    const shown = rest.flatMap((message) => {
      const whole = this.#tokensOf(messagePieces(message));
      return message.role === "assistant" ? whole : cutMiddle(whole, MESSAGE_TOKENS_MAX);
    });
    return [...cutMiddle(this.#tokensOf(told), SYSTEM_TOKENS_MAX), ...shown, ...this.#tokensOf(ANSWER_BEGINS)];
  }

  #tokensOf(pieces: readonly Piece[]): Token[] {
    return pieces.flatMap((piece) =>
      "mark" in piece ? this.#model.tokenize(piece.mark, true) : this.#model.tokenize(piece.text, false),
    );
  }

  #is(token: Token, mark: Mark): boolean {
    return token === this.#model.tokenize(mark, true)[0];
  }

  async #grammarOf(schema: JsonSchema): Promise<LlamaGrammarEvaluationState> {
    const grammar = await this.#llama.createGrammarForJsonSchema(schema as GrammarSchema);
    return new LlamaGrammarEvaluationState({ model: this.#model, grammar });
  }
}
