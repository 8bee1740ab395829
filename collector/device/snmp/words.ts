/** The values of a sheet that are no numbers. */
export class Words {
  /** The bytes of cell i are #bytes[#start[i], #start[i] + #length[i]). */
  #bytes = new Uint8Array(0);
  #end = 0;
  /** As long as the last cell with a word needs them: in most sheets few have one. */
  #start = new Int32Array(0);
  #length = new Int32Array(0);

  bytes(cell: number): Uint8Array {
    const start = this.#start[cell] ?? 0;
    return this.#bytes.subarray(start, start + (this.#length[cell] ?? 0));
  }

  /** Whether a cell holds what stands there. */
  equals(cell: number, view: DataView, start: number, length: number): boolean {
    if (this.#length[cell] !== length) return false;
    const known = this.#start[cell] as number;
    for (let i = 0; i < length; i++) if (this.#bytes[known + i] !== view.getUint8(start + i)) return false;
    return true;
  }

  holds(cell: number, bytes: Uint8Array): boolean {
    return this.equals(cell, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  }

  keep(cell: number, bytes: Uint8Array): void {
    if (cell >= this.#length.length) {
      this.#start = longer(this.#start, cell + 1);
      this.#length = longer(this.#length, cell + 1);
    }
    this.#length[cell] = 0;
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#start[cell] = this.#end;
    this.#length[cell] = bytes.length;
    this.#end += bytes.length;
  }

  /** Moves the words together and leaves room for more: what was replaced is gone with that. */
  #makeRoom(bytes: number): void {
    const live = this.#length.reduce((sum, length) => sum + length, bytes);
    const roomy = new Uint8Array(live + (live >> 2) + 64);
    let end = 0;
    for (let cell = 0; cell < this.#length.length; cell++) {
      const start = this.#start[cell] as number;
      const length = this.#length[cell] as number;
      roomy.set(this.#bytes.subarray(start, start + length), end);
      this.#start[cell] = end;
      end += length;
    }
    this.#bytes = roomy;
    this.#end = end;
  }
}

function longer(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(Math.ceil(length / 16) * 16);
  to.set(from);
  return to;
}
