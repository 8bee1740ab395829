import { dlopen, FFIType } from "bun:ffi";

/** Longer than any pause of a slow disk; twice this and two starts are well below a minute. */
const BLOCKED_S_MAX = 15;
const LIBRARIES = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];

/**
 * Asks the system to end this process when its event loop stands still (alarm(2): SIGALRM), for then nothing in it can
 * notice. Whoever started it starts it again, and a configuration on trial that ended it is rolled back. Gives the way out;
 * undefined where there is no such call.
 */
export function armWatchdog(options: { blockedSMax?: number } = {}): (() => void) | undefined {
  const blockedSMax = options.blockedSMax ?? BLOCKED_S_MAX;
  const alarm = openAlarm();
  if (!alarm) return undefined;
  alarm(blockedSMax);
  const timer = setInterval(() => alarm(blockedSMax), (blockedSMax * 1_000) / 5);
  timer.unref();
  return () => {
    clearInterval(timer);
    alarm(0);
  };
}

function openAlarm(): ((seconds: number) => void) | undefined {
  if (process.platform !== "linux") return undefined;
  for (const library of LIBRARIES) {
    try {
      return dlopen(library, { alarm: { args: [FFIType.u32], returns: FFIType.u32 } }).symbols.alarm;
    } catch (error) {
      // The other name of the library may be there; without any there is no watchdog.
      if (!(error instanceof Error)) throw error;
    }
  }
  return undefined;
}
