import type { Fault } from "../../assistant/diagnosis.ts";

const WORDS: Record<Fault, string> = {
  "site-uplink": "Uplink of the site",
  "link-failure": "Link failure",
  "device-failure": "Device failure",
  "upstream-failure": "Failure upstream",
  "config-change": "Configuration change",
  congestion: "Congestion",
  "link-errors": "Errors on a link",
  "resource-exhaustion": "Resources exhausted",
  environment: "Power, fan or temperature",
  reboot: "Reboot",
  unknown: "Not known",
};

export function faultWords(fault: Fault): string {
  return WORDS[fault];
}
