import { Age, MinuteTime } from "./age.tsx";
import { type DeviceState, DeviceStateLabel } from "./status.tsx";

/** How new what is known of a device is. */
export interface Freshness {
  /** Its newest sample, or what its collector last told. */
  lastHeardAt?: Date;
  /** The metrics store has the sample; otherwise the time is the inventory's, which is told only with a change. */
  bySample: boolean;
  /** Its collector is away since then: the state was true at that time, and nobody knows of now. */
  asOf?: Date;
}

/** A state, and until when it was known where its collector is away. */
export function KnownState({ state, fresh }: { state: DeviceState; fresh: Freshness }) {
  if (fresh.asOf === undefined) return <DeviceStateLabel state={state} />;
  return (
    <span class="known-state">
      <DeviceStateLabel state={state} />
      <span class="faint">
        as of <MinuteTime at={fresh.asOf} />
      </span>
    </span>
  );
}

export function LastHeard({ fresh, nowMs }: { fresh: Freshness; nowMs: number }) {
  if (fresh.lastHeardAt === undefined) return <>never</>;
  return (
    <>
      <Age at={fresh.lastHeardAt} nowMs={nowMs} />
      {fresh.bySample ? null : " by inventory"}
    </>
  );
}
