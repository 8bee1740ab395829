import type { LabCredential } from "./credential.ts";
import type { Role } from "./topology/index.ts";
import type { UplinkPorts } from "./uplink/index.ts";

export interface LabDevice {
  name: string;
  address: string;
  port: number;
  role: Role;
  /** Name of an entry of `credentials`. */
  credential: string;
}

interface LabRule {
  name: string;
  metric: string;
  above: number;
  polls: number;
  rate?: boolean;
  severity: "warning" | "error" | "critical";
}

/** Keys of a collector's configuration that make it watch this lab. */
export interface LabSiteConfig {
  poll: { intervalMs: number; timeoutMs: number; retries: number };
  credentials: LabCredential[];
  devices: LabDevice[];
  rules: LabRule[];
  uplinkProxy: { link: string; enrollment: string; remoteWrite: string };
}

const RULES: LabRule[] = [
  { name: "cpu-high", metric: "cpu_usage_ratio", above: 0.9, polls: 2, severity: "warning" },
  { name: "memory-high", metric: "memory_usage_ratio", above: 0.9, polls: 2, severity: "warning" },
  { name: "storage-full", metric: "storage_usage_ratio", above: 0.9, polls: 2, severity: "error" },
  { name: "interface-errors", metric: "if_in_errors_total", above: 10, polls: 2, rate: true, severity: "warning" },
];

export function siteConfigOf(devices: LabDevice[], credentials: LabCredential[], uplink: UplinkPorts): LabSiteConfig {
  return {
    poll: { intervalMs: 5_000, timeoutMs: 1_500, retries: 1 },
    credentials,
    devices,
    rules: RULES.map((rule) => ({ ...rule })),
    uplinkProxy: { link: at(uplink.link), enrollment: at(uplink.enrollment), remoteWrite: at(uplink.remoteWrite) },
  };
}

function at(port: number): string {
  return `127.0.0.1:${port}`;
}
