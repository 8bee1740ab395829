import { ChannelCredentials, type ChannelOptions } from "@grpc/grpc-js";
import { certificatePem } from "./key-pair.ts";
import type { Identity } from "./identity.ts";

/** The name in every hub's certificate, checked whatever address is dialled. */
export const HUB_SERVER_NAME = "watchpost-hub";
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;

/** Pooling is off: a new try never meets the dead connection of the last one. */
export function hubChannelOptions(): ChannelOptions {
  return {
    "grpc.ssl_target_name_override": HUB_SERVER_NAME,
    "grpc.default_authority": HUB_SERVER_NAME,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_retries": 0,
  };
}

/** Mutual TLS as this collector. */
export function hubCredentials(identity: Identity): ChannelCredentials {
  return ChannelCredentials.createSsl(
    Buffer.from(authoritiesPem(identity)),
    Buffer.from(identity.privateKeyPem),
    Buffer.from(identity.certificatePem),
  );
}

export function authoritiesPem(identity: Identity): string {
  return identity.trust.certificateAuthorities.map(certificatePem).join("\n");
}

/** "host:port" or "[v6]:port" to its parts; the token's and the configuration's schema have checked the shape. */
export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
}
