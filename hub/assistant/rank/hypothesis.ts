import { edgeAt, edgesOf, farEnd, isUplink, roleRank, type Site, upstreamOf } from "../../incident/index.ts";
import type { Fault } from "../diagnosis.ts";
import { type Case, type EvidenceSignal, silentDevices } from "./case.ts";

export interface Hypothesis {
  fault: Fault;
  device: string;
  interface?: string;
}

const HYPOTHESES_MAX = 60;

/** Everything that the problems and signals give reason to suspect; the score decides what is worth saying. */
export function hypothesesOf(given: Case): Hypothesis[] {
  const { site, problems, signals } = given;
  const suspects: Hypothesis[] = [];
  const ports = [
    ...problems.filter((p) => p.kind === "interface-down" || p.kind === "interface-flapping").map(placeOf),
    ...signals
      .filter((s) => s.kind === "interface-down-reported" || s.kind === "flapping-reported")
      .flatMap(placeOfSignal),
  ];
  for (const { device, port } of ports) {
    suspects.push({ fault: leavesSite(site, device, port) ? "site-uplink" : "link-failure", device, interface: port });
    const edge = edgeAt(site, device, port);
    if (edge) suspects.push({ fault: "device-failure", device: farEnd(edge, device).device });
  }
  for (const device of silentDevices(given)) {
    suspects.push({ fault: "device-failure", device });
    for (const above of upstreamOf(site, device)) suspects.push({ fault: "upstream-failure", device: above });
  }
  suspects.push(...signals.flatMap((signal) => suspectsOf(site, signal)));
  for (const { device, object, kind } of problems) {
    if (kind === "threshold") suspects.push(...suspectsOfThreshold(site, device, object));
  }
  const unique = new Map(suspects.map((h) => [`${h.fault}/${h.device}/${h.interface ?? ""}`, h]));
  return [...unique.values()].filter((h) => h.device !== "").slice(0, HYPOTHESES_MAX);
}

/** A cable from a switch up to the router or firewall: what it breaks is the site's way out. */
function leavesSite(site: Site, device: string, port: string): boolean {
  const edge = edgeAt(site, device, port);
  return (
    edge !== undefined && isUplink(site, device, port) && roleRank(site, farEnd(edge, device).device) >= FIREWALL_RANK
  );
}
const FIREWALL_RANK = 5;

function suspectsOf(site: Site, signal: EvidenceSignal): Hypothesis[] {
  const { device, kind } = signal;
  switch (kind) {
    case "config-changed":
      return [{ fault: "config-change", device }];
    case "rebooted":
      return [{ fault: "reboot", device }];
    case "sensor-bad":
      return [{ fault: "environment", device }];
    case "resource-high":
      return [{ fault: "resource-exhaustion", device }];
    case "errors-rising":
      return signal.interface === undefined ? [] : [{ fault: "link-errors", device, interface: signal.interface }];
    case "utilisation-high":
      return signal.interface === undefined ? [] : [{ fault: "congestion", device, interface: signal.interface }];
    case "threshold-reported":
      return suspectsOfThreshold(site, device, signal.interface ?? "");
    case "answering":
    case "behind-not-answering":
    case "flapping-reported":
    case "interface-down-reported":
    case "not-answering":
    case "oper-status-down":
    case "oper-status-up":
    case "seen-before":
    case "slow":
    case "traffic-stopped":
      return [];
  }
}

function suspectsOfThreshold(site: Site, device: string, object: string): Hypothesis[] {
  if (!edgeAt(site, device, object)) return [{ fault: "resource-exhaustion", device }];
  return [
    { fault: "link-errors", device, interface: object },
    { fault: "congestion", device, interface: object },
  ];
}

function placeOf(problem: { device: string; object: string }) {
  return { device: problem.device, port: problem.object };
}

function placeOfSignal({ device, interface: port }: EvidenceSignal) {
  return port === undefined ? [] : [{ device, port }];
}

export function childrenOf(site: Site, device: string): string[] {
  const rank = roleRank(site, device);
  return edgesOf(site, device)
    .map((edge) => farEnd(edge, device).device)
    .filter((far) => roleRank(site, far) < rank && site.devices.has(far));
}
