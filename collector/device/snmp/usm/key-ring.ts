import { createHash } from "node:crypto";
import type { AuthProtocol, PrivProtocol, UserCredential } from "../credential.ts";
import { AUTH, PRIV } from "./protocol.ts";

const EXPANDED_BYTES = 1_048_576;
const CHUNK_BYTES = 4_096;
const ENTRIES_MAX = 20_000;

export interface LocalKeys {
  auth?: { protocol: AuthProtocol; key: Buffer };
  priv?: { protocol: PrivProtocol; key: Buffer };
}

/**
 * Keys of users. A password costs 1.6 to 5 ms to expand, so Ku is kept per password and hash, and what comes of it per
 * engine: agents that share an engine id share the work, never the state.
 */
export class KeyRing {
  readonly #expanded = new Map<string, Buffer>();
  readonly #localized = new Map<string, LocalKeys>();

  keysFor(credential: UserCredential, engineId: Uint8Array): LocalKeys {
    const { authProtocol, authPassword, privProtocol, privPassword } = credential;
    if (authProtocol === "none" || authPassword === undefined) return {};
    const id = [
      authProtocol,
      authPassword,
      privProtocol,
      privPassword ?? "",
      Buffer.from(engineId).toString("hex"),
    ].join("\0");
    const known = this.#localized.get(id);
    if (known) return known;

    const { hash } = AUTH[authProtocol];
    const keys: LocalKeys = {
      auth: { protocol: authProtocol, key: localize(hash, this.#expand(hash, authPassword), engineId) },
    };
    if (privProtocol !== "none" && privPassword !== undefined) {
      const short = localize(hash, this.#expand(hash, privPassword), engineId);
      keys.priv = { protocol: privProtocol, key: stretch({ hash, key: short, engineId, protocol: privProtocol }) };
    }
    remember(this.#localized, id, keys);
    return keys;
  }

  #expand(hash: string, password: string): Buffer {
    const id = `${hash}\0${password}`;
    const known = this.#expanded.get(id);
    if (known) return known;
    const ku = expandPassword(hash, Buffer.from(password, "utf8"));
    remember(this.#expanded, id, ku);
    return ku;
  }
}

function remember<T>(map: Map<string, T>, id: string, value: T): void {
  if (map.size >= ENTRIES_MAX) for (const oldest of map.keys()) if (map.delete(oldest)) break;
  map.set(id, value);
}

/** RFC 3414 A.2: the hash of one mebibyte of the password repeated. */
export function expandPassword(hash: string, password: Buffer): Buffer {
  const digest = createHash(hash);
  const repeated = Buffer.alloc(CHUNK_BYTES + password.length, password);
  for (let done = 0; done < EXPANDED_BYTES; done += CHUNK_BYTES) {
    const phase = done % password.length;
    digest.update(repeated.subarray(phase, phase + CHUNK_BYTES));
  }
  return digest.digest();
}

export function localize(hash: string, ku: Buffer, engineId: Uint8Array): Buffer {
  return createHash(hash).update(ku).update(engineId).update(ku).digest();
}

/** Makes a localized key as long as the cipher needs it. */
export function stretch(options: { hash: string; key: Buffer; engineId: Uint8Array; protocol: PrivProtocol }): Buffer {
  const { hash, engineId, protocol } = options;
  const { keyBytes, extension } = PRIV[protocol];
  let key = options.key;
  let last = key;
  // Each turn adds at least 16 bytes, so two turns are the most that any cipher here takes.
  while (key.length < keyBytes) {
    switch (extension) {
      case "none":
        throw new Error(`${protocol} needs ${keyBytes} key bytes and ${hash} gives ${key.length}`);
      case "blumenthal":
        key = Buffer.concat([key, createHash(hash).update(key).digest()]);
        break;
      case "reeder":
        last = localize(hash, expandPassword(hash, last), engineId);
        key = Buffer.concat([key, last]);
        break;
    }
  }
  return key.subarray(0, keyBytes);
}
