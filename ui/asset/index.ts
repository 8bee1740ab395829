import { readFileSync } from "node:fs";
import { ASSET_FILES, ASSET_SCRIPTS, type AssetName, STYLESHEETS } from "./manifest.ts";

export { type AssetName, STYLESHEETS };

export interface Asset {
  contentType: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Undefined where packing does not help (fonts). */
  gzip: Uint8Array<ArrayBuffer> | undefined;
}

interface Loaded {
  hash: string;
  byName: ReadonlyMap<string, Asset>;
}

const CONTENT_TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
};

let loaded: Loaded | undefined;

/** URL of a file, with the hash over all files: cacheable for ever. */
export function assetUrl(name: AssetName): string {
  loaded ??= load();
  return `/assets/${loaded.hash}/${name}`;
}

/** The file behind a URL of assetUrl; undefined for an unknown name or the hash of another version. */
export function findAsset(hash: string, name: string): Asset | undefined {
  loaded ??= load();
  return hash === loaded.hash ? loaded.byName.get(name) : undefined;
}

/** Reads all files once (about 350 KB); they lie beside the source or inside the binary. */
function load(): Loaded {
  const hasher = new Bun.CryptoHasher("sha256");
  const byName = new Map<string, Asset>();
  const files = Object.entries(ASSET_FILES).map(([name, path]) => [name, new Uint8Array(readFileSync(path))] as const);
  const scripts = Object.entries(ASSET_SCRIPTS).map(([name, { files, text }]) => {
    const parts = [...files.map((path) => readFileSync(path, "utf8")), text];
    return [name, new TextEncoder().encode(parts.join(";\n"))] as const;
  });
  for (const [name, bytes] of [...files, ...scripts]) {
    hasher.update(name).update(bytes);
    const extension = name.slice(name.lastIndexOf(".") + 1);
    const contentType = CONTENT_TYPES[extension];
    if (contentType === undefined) throw new Error(`asset ${name}: no content type known for .${extension}`);
    byName.set(name, { contentType, bytes, gzip: extension === "woff2" ? undefined : Bun.gzipSync(bytes) });
  }
  return { hash: hasher.digest("hex").slice(0, 12), byName };
}
