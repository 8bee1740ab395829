/** How our small model reads a talk: ChatML, tools as signatures, a call as JSON between two marks of its own. */

export interface Call {
  name: string;
  arguments: Record<string, unknown>;
}

export interface Message {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  calls?: readonly Call[];
}

export interface ToolSignature {
  name: string;
  /** Names of its parameters. */
  parameters: readonly string[];
}

export type Mark = "<|im_start|>" | "<|im_end|>" | "<tool_call>" | "</tool_call>";

/** Text from outside is never read as a mark. */
export type Piece = { mark: Mark } | { text: string };

export const CALL_BEGINS = "<tool_call>";
export const CALL_ENDS = "</tool_call>";

/** One message as the model reads it. The tools stand at the end of the first message of the system. */
export function messagePieces(message: Message, tools: readonly ToolSignature[] = []): Piece[] {
  const signatures = tools.map(({ name, parameters }) => `${name}(${parameters.join(",")})`);
  const offered = signatures.length === 0 ? "" : `\nTools: ${signatures.join(" ")}`;
  const calls = (message.calls ?? []).flatMap((call): Piece[] => [
    { mark: CALL_BEGINS },
    { text: callText(call) },
    { mark: CALL_ENDS },
  ]);
  return [
    { mark: "<|im_start|>" },
    { text: `${message.role}\n${message.content}${offered}` },
    ...calls,
    { mark: "<|im_end|>" },
    { text: "\n" },
  ];
}

/** Where the model's own words begin. */
export const ANSWER_BEGINS: readonly Piece[] = [{ mark: "<|im_start|>" }, { text: "assistant\n" }];

export function callText({ name, arguments: input }: Call): string {
  return JSON.stringify({ name, arguments: input });
}

/** A long text loses its middle: a small window keeps how it begins and how it ends. */
export function cutMiddle<T>(tokens: readonly T[], max: number): T[] {
  if (tokens.length <= max) return [...tokens];
  const head = Math.ceil((max * 3) / 4);
  return [...tokens.slice(0, head), ...tokens.slice(tokens.length - (max - head))];
}

/** Tokens of one message that the model is shown; of the system's, all that it says. */
export const MESSAGE_TOKENS_MAX = 160;
export const SYSTEM_TOKENS_MAX = 400;
