declare module "snappyjs" {
  /** Snappy block format. */
  export function compress(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  export function uncompress(bytes: Uint8Array, bytesMax?: number): Uint8Array<ArrayBuffer>;
}
