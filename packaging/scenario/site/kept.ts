/** What the collector's processes said that they keep, over all their lives. */
export class Kept {
  readonly events = new Set<string>();
  /** "device takenAtMs" -> samples. */
  readonly samples = new Map<string, number>();
  refusedSamples = 0;
  refusedEvents = 0;
  pending = { events: 0, samples: 0, isUp: false };
  /** Times of `ready` lines, measured by the process itself. */
  readonly readyMs: number[] = [];
  /** The own page of the life that was ready last. */
  statusUrl: string | undefined;

  take(line: string): void {
    const [word = "", first = "", second = "", third = "0"] = line.split(" ");
    switch (word) {
      case "event":
        this.events.add(first);
        return;
      case "samples":
        this.samples.set(`${second} ${first}`, (this.samples.get(`${second} ${first}`) ?? 0) + Number(third));
        return;
      case "refused":
        this.refusedSamples += Number(third);
        return;
      case "refused-event":
        this.refusedEvents += 1;
        return;
      case "pending":
        this.pending = { events: Number(first), samples: Number(second), isUp: third === "up" };
        return;
      case "ready":
        this.readyMs.push(Number(first));
        this.statusUrl = second;
        return;
      default:
        return;
    }
  }

  sampleCount(): number {
    return [...this.samples.values()].reduce((sum, count) => sum + count, 0);
  }
}
