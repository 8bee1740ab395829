import type { SiteEvent } from "../device/index.ts";

const FACILITY_LOCAL7 = 23;

interface LogLine {
  severity: 1 | 3 | 4 | 5 | 6;
  /** APP-NAME and MSGID of RFC 5424. */
  facility: string;
  mnemonic: string;
  text: string;
}

/** The event as an RFC 5424 message of its device. */
export function syslogOf(event: SiteEvent, nowMs: number): string {
  const line = lineOf(event);
  const priority = FACILITY_LOCAL7 * 8 + line.severity;
  const code = `${line.facility}-${line.severity}-${line.mnemonic}`;
  const time = new Date(nowMs).toISOString();
  return `<${priority}>1 ${time} ${event.device.name} ${line.facility} - ${line.mnemonic} - %${code}: ${line.text}`;
}

function lineOf(event: SiteEvent): LogLine {
  switch (event.kind) {
    case "link": {
      const text = `Interface ${event.port.description}, changed state to ${event.up ? "up" : "down"}`;
      return { severity: 3, facility: "LINK", mnemonic: "UPDOWN", text };
    }
    case "cold-start":
      return { severity: 5, facility: "SYS", mnemonic: "RESTART", text: "System restarted" };
    case "config-changed":
      return {
        severity: 5,
        facility: "SYS",
        mnemonic: "CONFIG_I",
        text: "Configured from console by admin on vty0 (10.20.0.15)",
      };
    case "fan":
      return event.failed
        ? { severity: 1, facility: "PLATFORM_ENV", mnemonic: "FAN", text: `Faulty: ${event.device.model.fans[0]}` }
        : {
            severity: 6,
            facility: "PLATFORM_ENV",
            mnemonic: "FAN_OK",
            text: `${event.device.model.fans[0]} is running`,
          };
    case "power-supply":
      return event.failed
        ? { severity: 1, facility: "PLATFORM_ENV", mnemonic: "PSU", text: "Power supply failed or lost its input" }
        : { severity: 6, facility: "PLATFORM_ENV", mnemonic: "PSU_OK", text: "Power supply is working" };
  }
}
