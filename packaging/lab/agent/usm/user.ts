import { type AuthProtocol, extendByHash, extendByPassword, localizedKey, passwordKey } from "./keys.ts";
import { PRIV_KEY_BYTES, type PrivProtocol } from "./cipher.ts";

export interface UserCredential {
  user: string;
  authProtocol: AuthProtocol | "none";
  authPassword?: string;
  privProtocol: PrivProtocol | "none";
  privPassword?: string;
}

/** A user of one engine, keys localized. */
export interface UsmUser {
  name: string;
  auth?: { protocol: AuthProtocol; key: Buffer };
  priv?: { protocol: PrivProtocol; key: Buffer };
}

export function localizeUser(credential: UserCredential, engineId: Uint8Array): UsmUser {
  const { user, authProtocol, privProtocol } = credential;
  if (authProtocol === "none") {
    if (privProtocol !== "none") throw new RangeError(`user ${user}: privacy needs authentication`);
    return { name: user };
  }
  const auth = { protocol: authProtocol, key: keyFor(authProtocol, credential.authPassword ?? "", engineId) };
  if (privProtocol === "none") return { name: user, auth };
  const key = privacyKey(authProtocol, privProtocol, credential.privPassword ?? "", engineId);
  return { name: user, auth, priv: { protocol: privProtocol, key } };
}

function keyFor(protocol: AuthProtocol, password: string, engineId: Uint8Array): Buffer {
  return localizedKey(protocol, passwordKey(protocol, password), engineId);
}

function privacyKey(auth: AuthProtocol, priv: PrivProtocol, password: string, engineId: Uint8Array): Buffer {
  const key = keyFor(auth, password, engineId);
  const bytes = PRIV_KEY_BYTES[priv];
  const byPassword = priv === "aes192c" || priv === "aes256c";
  return byPassword ? extendByPassword(auth, key, engineId, bytes) : extendByHash(auth, key, bytes);
}
