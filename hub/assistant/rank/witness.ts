import { cutOff, edgeAt, edgesOf, farEnd, upstreamOf } from "../../incident/index.ts";
import { type Case, isSilent, NO_SUPPORT, type Support, silentShare, supportOf } from "./case.ts";
import { childrenOf, type Hypothesis } from "./hypothesis.ts";
import type { Witness } from "./weights.ts";

/** What one witness has to say about one hypothesis. */
export function testimony(given: Case, hypothesis: Hypothesis, witness: Witness): Support {
  const { device, interface: port } = hypothesis;
  switch (witness) {
    case "near-end-down":
      return port === undefined ? NO_SUPPORT : supportOf(given, "interface-down-reported", device, port);
    case "oper-status-down":
    case "oper-status-up":
    case "traffic-stopped":
    case "errors-rising":
    case "utilisation-high":
      return port === undefined ? NO_SUPPORT : supportOf(given, witness, device, port);
    case "flapping":
      return port === undefined ? NO_SUPPORT : supportOf(given, "flapping-reported", device, port);
    case "threshold":
      return port === undefined ? ownThreshold(given, device) : supportOf(given, "threshold-reported", device, port);
    case "far-end-down":
    case "far-device-silent":
    case "behind-silent":
      return port === undefined ? behindDevice(given, device, witness) : beyondCable(given, { device, port }, witness);
    case "own-device-silent":
    case "device-silent":
      return supportOf(given, "not-answering", device);
    case "device-answers":
      return isSilent(given, device) ? NO_SUPPORT : supportOf(given, "answering", device);
    case "several-links-lost":
    case "one-link-lost":
      return linksLost(given, port === undefined ? device : farDevice(given, device, port), witness);
    case "link-stays-up":
      return linkStaysUp(given, device);
    case "all-neighbours-silent":
      return allNeighboursSilent(given, device);
    case "children-silent":
      return childrenSilent(given, device);
    case "config-changed":
    case "resource-high":
    case "sensor-bad":
    case "seen-before":
    case "slow":
      return supportOf(given, witness, device);
    case "rebooted":
      return supportOf(given, "rebooted", port === undefined ? device : farDevice(given, device, port));
  }
}

function farDevice({ site }: Case, device: string, port: string): string {
  const edge = edgeAt(site, device, port);
  return edge ? farEnd(edge, device).device : "";
}

function ownThreshold(given: Case, device: string): Support {
  const found = given.signals.filter(
    (s) => s.kind === "threshold-reported" && s.device === device && !edgeAt(given.site, device, s.interface ?? ""),
  );
  return { strength: found.length > 0 ? 1 : 0, evidence: found.map((s) => s.evidence) };
}

function beyondCable(given: Case, at: { device: string; port: string }, witness: Witness): Support {
  const edge = edgeAt(given.site, at.device, at.port);
  if (!edge) return NO_SUPPORT;
  const far = farEnd(edge, at.device);
  if (witness === "far-end-down") return supportOf(given, "interface-down-reported", far.device, far.port);
  if (witness === "far-device-silent") return supportOf(given, "not-answering", far.device);
  return silentShare(given, [...cutOff(given.site, { from: at.device, edge })]);
}

function behindDevice(given: Case, device: string, witness: Witness): Support {
  const above = upstreamOf(given.site, device)[0];
  if (witness !== "behind-silent" || above === undefined) return NO_SUPPORT;
  return silentShare(given, [...cutOff(given.site, { from: above, device })]);
}

/** How many neighbours that answer have lost their cable to this device. */
function linksLost(given: Case, device: string, witness: Witness): Support {
  const found = given.signals.filter((s) => {
    if (s.kind !== "interface-down-reported" || s.interface === undefined || isSilent(given, s.device)) return false;
    const edge = edgeAt(given.site, s.device, s.interface);
    return edge !== undefined && farEnd(edge, s.device).device === device;
  });
  const neighbours = new Set(found.map((s) => s.device)).size;
  const holds = witness === "one-link-lost" ? neighbours === 1 : neighbours > 1;
  return holds ? { strength: 1, evidence: found.map((s) => s.evidence) } : NO_SUPPORT;
}

/** It does not answer although nobody who answers lost the cable to it. */
function linkStaysUp(given: Case, device: string): Support {
  const silent = supportOf(given, "not-answering", device);
  const neighbours = edgesOf(given.site, device).map((edge) => farEnd(edge, device).device);
  const alive = neighbours.some((name) => given.site.devices.has(name) && !isSilent(given, name));
  const lost =
    linksLost(given, device, "one-link-lost").strength + linksLost(given, device, "several-links-lost").strength;
  return silent.strength > 0 && alive && lost === 0 ? silent : NO_SUPPORT;
}

/** Nobody who could carry its answers answers: it stands behind the fault, whichever way the collector looks. */
function allNeighboursSilent(given: Case, device: string): Support {
  const neighbours = edgesOf(given.site, device).map((edge) => farEnd(edge, device).device);
  const share = silentShare(
    given,
    neighbours.filter((name) => given.site.devices.has(name)),
  );
  return share.strength === 1 ? share : NO_SUPPORT;
}

/** Several devices below are silent at once, all of them at best: what they share is suspect. */
function childrenSilent(given: Case, device: string): Support {
  const share = silentShare(given, childrenOf(given.site, device));
  const count = childrenOf(given.site, device).filter((name) => isSilent(given, name)).length;
  return count >= 2 ? share : NO_SUPPORT;
}
