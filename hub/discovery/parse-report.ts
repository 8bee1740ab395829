import { isIP } from "node:net";
import type { ProposalFacts } from "@watchpost/db/schema";
import { Confidence, type DiscoveredDevice, type DiscoveredLink } from "@watchpost/proto";
import { boundedText } from "../bounded-text.ts";

const IDENTITY_LENGTH_MAX = 300;
const TEXT_LENGTH_MAX = 255;
const DESCRIPTION_LENGTH_MAX = 1_000;
const ADDRESSES_MAX = 256;
const PORTS_MAX = 64;
const REASONS_MAX = 16;
const PORT_MAX = 65_535;
/** Names as the collector's configuration takes them. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export interface ProposedDevice {
  identity: string;
  address: string;
  port: number;
  credential: string;
  configuredAs: string;
  facts: ProposalFacts;
}

export type ParsedProposal = { kind: "device"; device: ProposedDevice } | { kind: "refused"; reason: string };

const refused = (reason: string): ParsedProposal => ({ kind: "refused", reason });
const text = (value: string) => boundedText(value, TEXT_LENGTH_MAX);

/** One found device, bounded: whatever a device said of itself came from a stranger. */
export function parseProposal(found: DiscoveredDevice): ParsedProposal {
  const identity = boundedText(found.key, IDENTITY_LENGTH_MAX);
  if (identity === "") return refused(`the device at ${boundedText(found.address, 60)} has no key`);
  if (!isAddress(found.address)) return refused(`"${boundedText(found.address, 60)}" is not an IP address`);
  if (found.port > PORT_MAX) return refused(`port ${found.port} of ${found.address} is above ${PORT_MAX}`);
  if (found.credential !== "" && !NAME.test(found.credential))
    return refused(`the credential of ${found.address} has a name that no configuration takes`);
  const { address, port, credential } = found;
  const configuredAs = boundedText(found.configuredAs, TEXT_LENGTH_MAX);
  return { kind: "device", device: { identity, address, port, credential, configuredAs, facts: factsOf(found) } };
}

function factsOf(found: DiscoveredDevice): ProposalFacts {
  return {
    sysName: text(found.sysName),
    sysDescr: boundedText(found.sysDescr, DESCRIPTION_LENGTH_MAX),
    sysObjectId: text(found.sysObjectId),
    vendor: text(found.vendor),
    model: text(found.model),
    osVersion: text(found.osVersion),
    serial: text(found.serial),
    engineId: text(found.engineId),
    chassisId: text(found.chassisId),
    profile: text(found.profile),
    answeredAt: found.answeredAt.filter(isAddress).slice(0, ADDRESSES_MAX),
    addresses: found.addresses.filter(isAddress).slice(0, ADDRESSES_MAX),
    openPorts: found.openPorts.filter((port) => port <= PORT_MAX).slice(0, PORTS_MAX),
    merge: {
      confidence: confidenceName(found.mergeConfidence),
      reasons: found.mergeReasons.slice(0, REASONS_MAX).map(text),
    },
  };
}

export function parseLink({ a, b, confidence, protocols, reason }: DiscoveredLink) {
  return {
    aIdentity: boundedText(a?.deviceKey ?? "", IDENTITY_LENGTH_MAX),
    aSystem: text(a?.system ?? ""),
    aPort: text(a?.port ?? ""),
    bIdentity: boundedText(b?.deviceKey ?? "", IDENTITY_LENGTH_MAX),
    bSystem: text(b?.system ?? ""),
    bPort: text(b?.port ?? ""),
    confidence: confidenceName(confidence) ?? "low",
    protocols: protocols.slice(0, REASONS_MAX).map(text),
    reason: text(reason),
  };
}

function confidenceName(confidence: Confidence): "low" | "medium" | "high" | null {
  switch (confidence) {
    case Confidence.LOW:
      return "low";
    case Confidence.MEDIUM:
      return "medium";
    case Confidence.HIGH:
      return "high";
    case Confidence.UNSPECIFIED:
      return null;
  }
  return null;
}

function isAddress(address: string): boolean {
  return isIP(address) !== 0 && !address.includes("%");
}
