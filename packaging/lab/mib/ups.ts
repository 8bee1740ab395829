import { type MibBuilder, value } from "../agent/index.ts";
import type { Device } from "../device/index.ts";

const UPS = "1.3.6.1.2.1.33.1";
const BATTERY = { normal: 2, low: 3 } as const;
const SOURCE = { normal: 3, battery: 5 } as const;
const RUNTIME_SECONDS = 46 * 60;
const LOW_SHARE = 0.2;

/** UPS-MIB (RFC 1628). Without mains the battery runs down over its rated time. */
export function addUps(mib: MibBuilder, device: Device): void {
  const { health, model } = device;
  const spent = (nowMs: number) => Math.min(1, (health.onBatterySeconds(nowMs) ?? 0) / RUNTIME_SECONDS);
  const mains = (nowMs: number) => health.onBatterySeconds(nowMs) === undefined;

  mib.scalar(`${UPS}.1.1`, value.octets("American Power Conversion Corp."));
  mib.scalar(`${UPS}.1.2`, value.octets(model.product));
  mib.scalar(`${UPS}.1.3`, value.octets("UPS 09.3 (ID18)"));
  mib.scalar(`${UPS}.1.4`, value.octets(model.softwareVersion));
  mib.scalar(`${UPS}.1.5`, value.octets(device.name));

  mib.scalar(
    `${UPS}.2.1`,
    value.integer((nowMs) => (1 - spent(nowMs) < LOW_SHARE ? BATTERY.low : BATTERY.normal)),
  );
  mib.scalar(
    `${UPS}.2.2`,
    value.integer((nowMs) => health.onBatterySeconds(nowMs) ?? 0),
  );
  mib.scalar(
    `${UPS}.2.3`,
    value.integer((nowMs) => Math.floor(((1 - spent(nowMs)) * RUNTIME_SECONDS) / 60)),
  );
  mib.scalar(
    `${UPS}.2.4`,
    value.integer((nowMs) => Math.floor((1 - spent(nowMs)) * 100)),
  );
  mib.scalar(
    `${UPS}.2.5`,
    value.integer((nowMs) => Math.round(546 - spent(nowMs) * 90)),
  );
  mib.scalar(
    `${UPS}.2.7`,
    value.integer((nowMs) => health.celsius(0, nowMs)),
  );

  mib.scalar(
    `${UPS}.3.1`,
    value.counter32(() => health.failedSupplies.size),
  );
  mib.scalar(`${UPS}.3.2`, value.integer(1));
  mib.row(`${UPS}.3.3.1`, [1], {
    2: value.integer((nowMs) => (mains(nowMs) ? 500 : 0)),
    3: value.integer((nowMs) => (mains(nowMs) ? 231 : 0)),
  });
  mib.scalar(
    `${UPS}.4.1`,
    value.integer((nowMs) => (mains(nowMs) ? SOURCE.normal : SOURCE.battery)),
  );
  mib.scalar(`${UPS}.4.2`, value.integer(500));
  mib.scalar(`${UPS}.4.3`, value.integer(1));
  mib.row(`${UPS}.4.4.1`, [1], {
    2: value.integer(230),
    3: value.integer(18),
    4: value.integer(412),
    5: value.integer((nowMs) => 36 + health.cpuUsage(0, nowMs) * 10),
  });
  mib.scalar(
    `${UPS}.6.1`,
    value.gauge32((nowMs) => (mains(nowMs) ? 0 : 1)),
  );
}
