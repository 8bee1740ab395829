/** What a model says, part by part. */
export type Said =
  | { kind: "text"; text: string }
  | { kind: "call-begins"; name: string }
  | { kind: "call-input"; text: string }
  | { kind: "call-ends" }
  | { kind: "done"; reason: "stop" | "length"; promptTokens: number; outputTokens: number };

/** Reads {"name":…,"arguments":…} as it is written: the name as soon as it stands, then the arguments as text. */
export class CallReader {
  isOpen = false;
  #json = "";
  #told = 0;
  #begun = false;

  open(): void {
    this.isOpen = true;
    this.#begun = false;
    this.#json = "";
  }

  *read(text: string): Generator<Said> {
    this.#json += text;
    const head = /^\s*\{\s*"name"\s*:\s*"([^"]+)"\s*,\s*"arguments"\s*:\s*/.exec(this.#json);
    if (!head) return;
    if (!this.#begun) {
      this.#begun = true;
      this.#told = head[0].length;
      yield { kind: "call-begins", name: head[1] ?? "" };
    }
    const whole = isWholeJson(this.#json);
    // The last brace closes the call, not its arguments: what may be it is held back.
    const safe = whole ? this.#json.trimEnd().slice(0, -1).trimEnd() : this.#json.replace(/[}\s]+$/, "");
    if (safe.length > this.#told) yield { kind: "call-input", text: safe.slice(this.#told) };
    this.#told = Math.max(this.#told, safe.length);
    if (!whole) return;
    this.isOpen = false;
    yield { kind: "call-ends" };
  }
}

export function isWholeJson(text: string): boolean {
  if (!/[}\]"]\s*$/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
