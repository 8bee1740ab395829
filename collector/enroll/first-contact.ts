import { createHash } from "node:crypto";
import { connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { HUB_SERVER_NAME, splitAddress } from "./channel.ts";
import { EnrollError } from "./error.ts";

const TIMEOUT_MS = 10_000;
const CHAIN_MAX = 8;

/**
 * Fetches the authority's certificate (DER) from the hub. Nothing is sent and nothing is believed but the one
 * certificate whose hash the token names; whether the hub holds a certificate of it is verified by the next connection.
 */
export async function fetchAuthority(options: { address: string; fingerprint: string }): Promise<Uint8Array> {
  const { address, fingerprint } = options;
  const socket = await handshake(address);
  try {
    const chain = presentedChain(socket);
    const found = chain.find((der) => createHash("sha256").update(der).digest("hex") === fingerprint);
    if (found) return found;
    throw new EnrollError(
      "wrong-fingerprint",
      `${address} is not the hub that made this token: none of its ${chain.length} certificates has the fingerprint ` +
        `${fingerprint.slice(0, 16)}…. Check the address, and whether something between intercepts TLS`,
    );
  } finally {
    socket.destroy();
  }
}

function handshake(address: string): Promise<TLSSocket> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      servername: HUB_SERVER_NAME,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
    });
    const fail = (reason: string) => {
      socket.destroy();
      reject(new EnrollError("unreachable", `no TLS connection to the hub at ${address}: ${reason}. ${NEXT_STEP}`));
    };
    socket.setTimeout(TIMEOUT_MS, () => fail(`nothing came for ${TIMEOUT_MS} ms`));
    socket.on("error", (error) => fail(error.message));
    socket.once("secureConnect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

const NEXT_STEP = "Is the hub running, and does a firewall let this port through?";

function presentedChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  const seen = new Set<DetailedPeerCertificate>();
  while (certificate?.raw && !seen.has(certificate) && chain.length < CHAIN_MAX) {
    seen.add(certificate);
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
