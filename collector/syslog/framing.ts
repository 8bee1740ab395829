const COUNT_DIGITS_MAX = 10;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);

export interface FramingOptions {
  messageBytesMax: number;
  message: (bytes: Uint8Array, isCut: boolean) => void;
}

/**
 * Splits a stream into messages as RFC 6587 says: "83 <34>1 …" by its count, anything else by line. Holds at most one
 * message; what is longer is cut there and the rest of it thrown away.
 */
export class Framing {
  readonly #options: FramingOptions;
  #held: Buffer = EMPTY;
  /** Bytes of a message that was cut, still to come. */
  #skipBytes = 0;
  #skipLine = false;

  constructor(options: FramingOptions) {
    this.#options = options;
  }

  /** False: this is no syslog, and the connection is better closed. */
  push(chunk: Uint8Array): boolean {
    let bytes: Buffer = Buffer.concat([this.#held, chunk]);
    this.#held = EMPTY;
    // Each turn takes at least one byte.
    while (bytes.length > 0) {
      const rest = this.#skipped(bytes) ?? this.#counted(bytes) ?? this.#line(bytes);
      if (rest === "wait") {
        // A copy: a slice would keep the whole chunk.
        this.#held = Buffer.from(bytes);
        return this.#held.length <= this.#options.messageBytesMax + COUNT_DIGITS_MAX + 1;
      }
      bytes = rest;
    }
    return true;
  }

  /** The last line may end with the connection instead of a newline. */
  end(): void {
    const { messageBytesMax } = this.#options;
    if (this.#held.length > 0 && !isDigit(this.#held[0]))
      this.#options.message(this.#held.subarray(0, messageBytesMax), false);
    this.#held = EMPTY;
  }

  #skipped(bytes: Buffer): Buffer | undefined {
    if (this.#skipBytes > 0) {
      const skip = Math.min(this.#skipBytes, bytes.length);
      this.#skipBytes -= skip;
      return bytes.subarray(skip);
    }
    if (!this.#skipLine) return undefined;
    const end = bytes.indexOf(NEWLINE);
    this.#skipLine = end < 0;
    return end < 0 ? EMPTY : bytes.subarray(end + 1);
  }

  #counted(bytes: Buffer): Buffer | "wait" | undefined {
    let digits = 0;
    while (digits < bytes.length && digits <= COUNT_DIGITS_MAX && isDigit(bytes[digits])) digits += 1;
    if (digits === 0 || digits > COUNT_DIGITS_MAX) return undefined;
    if (digits === bytes.length) return "wait";
    if (bytes[digits] !== SPACE || bytes[0] === 0x30) return undefined;
    const length = Number(bytes.toString("latin1", 0, digits));
    const start = digits + 1;
    const kept = Math.min(length, this.#options.messageBytesMax);
    if (bytes.length - start < kept) return "wait";
    this.#options.message(bytes.subarray(start, start + kept), length > kept);
    this.#skipBytes = length - kept;
    return bytes.subarray(start + kept);
  }

  #line(bytes: Buffer): Buffer | "wait" {
    const { messageBytesMax, message } = this.#options;
    const end = bytes.indexOf(NEWLINE);
    if (end < 0 && bytes.length <= messageBytesMax) return "wait";
    const length = end < 0 ? bytes.length : end;
    if (length > 0) message(bytes.subarray(0, Math.min(length, messageBytesMax)), length > messageBytesMax);
    this.#skipLine = end < 0;
    return end < 0 ? EMPTY : bytes.subarray(end + 1);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
