/**
 * Stand-ins for bugs of the product that a configuration brings out, which we know none of: the scenario's collector does
 * one of these when it has read a device of that name. Everything around it is the real thing.
 */
export const BREAKING = ["ends", "blocks", "lingers", "pauses", "throws"] as const;
export type Breaking = (typeof BREAKING)[number];

const PAUSE_MS = 4_000;
/** Longer than a configuration is on trial. */
const LINGER_MS = 10_000;

export function breakOn(device: string): void {
  switch (device as Breaking) {
    case "ends":
      // As the kernel does with whoever took the last of the memory.
      process.kill(process.pid, "SIGKILL");
      return;
    case "lingers":
      setTimeout(() => process.kill(process.pid, "SIGKILL"), LINGER_MS);
      return;
    case "blocks":
      // Only a signal ends this.
      for (;;);
    case "pauses":
      for (const from = performance.now(); performance.now() - from < PAUSE_MS; );
      return;
    case "throws":
      // Outside of every promise that somebody awaits.
      setImmediate(() => {
        throw new Error("a bug of this device");
      });
  }
}
