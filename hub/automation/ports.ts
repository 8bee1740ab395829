import type { Downlink, SignedOrder } from "@watchpost/proto";

/** What automation needs of the hub's keys and connections. */
export interface AutomationPorts {
  signing: { signOrder(order: Uint8Array): Promise<SignedOrder> };
  links: LinkSender;
}

export interface LinkSender {
  /** False when the collector is away; the order then waits for it. */
  send(collectorId: string, message: Downlink): boolean;
}
