import { EventKind } from "@watchpost/proto";
import type { EventDraft } from "../outbox/event-draft.ts";
import { fingerprintOf } from "../rule/index.ts";
import type { Standing, Topology } from "../topology/index.ts";

/** What stands open now. */
export interface OpenProblems extends Standing {
  isInterfaceFlapping(device: string, port: string): boolean;
}

/** Fingerprint of the open event that explains this one, by where both stand; empty when none does. */
export function explainedBy(event: EventDraft, topology: Topology, open: OpenProblems): string {
  if (event.kind === EventKind.DEVICE_DOWN) return cutBefore(event.device, topology, open);
  if (event.kind === EventKind.INTERFACE_DOWN) return otherEnd(event, topology, open);
  if (event.kind === EventKind.INTERFACE_FLAPPING) return flapsAtOtherEnd(event, topology, open);
  return "";
}

function cutBefore(device: string, topology: Topology, standing: Standing): string {
  const cut = topology.findCut(device, standing);
  if (!cut) return "";
  if (cut.kind === "device") return fingerprintOf({ kind: EventKind.DEVICE_DOWN, device: cut.device });
  return fingerprintOf({ kind: EventKind.INTERFACE_DOWN, device: cut.device, object: cut.port });
}

/** Both ends of a cable go down together, and so does the port to a device that died: the first to be told explains. */
function otherEnd(event: EventDraft, topology: Topology, standing: Standing): string {
  const remote = topology.remoteOf(event.device, event.object);
  if (!remote) return "";
  if (remote.port !== "" && standing.isInterfaceDown(remote.device, remote.port)) {
    return fingerprintOf({ kind: EventKind.INTERFACE_DOWN, device: remote.device, object: remote.port });
  }
  if (standing.isDeviceDown(remote.device)) {
    return fingerprintOf({ kind: EventKind.DEVICE_DOWN, device: remote.device });
  }
  return "";
}

function flapsAtOtherEnd(event: EventDraft, topology: Topology, open: OpenProblems): string {
  const remote = topology.remoteOf(event.device, event.object);
  if (!remote || remote.port === "" || !open.isInterfaceFlapping(remote.device, remote.port)) return "";
  return fingerprintOf({ kind: EventKind.INTERFACE_FLAPPING, device: remote.device, object: remote.port });
}
