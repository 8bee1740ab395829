/** A share of 1 as a bar; the figure stands beside it in words. */
export function Bar({ share }: { share: number }) {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="4" rx="1" />
      <rect class="fill" width={width} height="4" rx="1" />
    </svg>
  );
}

export interface DeviceCounts {
  up: number;
  down: number;
  unknown: number;
}

/** Up, down and unknown as one line; the counts stand below it. */
export function StateBar({ counts }: { counts: DeviceCounts }) {
  const total = Math.max(1, counts.up + counts.down + counts.unknown);
  const width = (part: number) => (part / total) * 100;
  return (
    <svg class="state-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="down" width={width(counts.down)} height="8" />
      <rect class="unknown" x={width(counts.down)} width={width(counts.unknown)} height="8" />
      <rect class="up" x={width(counts.down + counts.unknown)} width={width(counts.up)} height="8" />
    </svg>
  );
}
