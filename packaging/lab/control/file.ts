import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";

const controlFileSchema = z.object({ url: z.url(), token: z.string().min(16) });
export type ControlFile = z.output<typeof controlFileSchema>;

export function writeControlFile(path: string, file: ControlFile): void {
  // Mode applies to new files only, so an old one goes first.
  rmSync(path, { force: true });
  writeFileSync(path, `${JSON.stringify(file)}\n`, { mode: 0o600 });
}

/** Undefined when no lab has left one here. */
export function readControlFile(path: string): ControlFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const parsed = controlFileSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`${path} is not a lab's control file (${z.prettifyError(parsed.error)}); delete it`);
}

/** Removes the file unless another lab has written it since. */
export function removeControlFile(path: string, token: string): void {
  if (readControlFile(path)?.token === token) rmSync(path, { force: true });
}
