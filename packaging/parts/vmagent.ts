import { freePort } from "@watchpost/db/embedded";
import { scratchDir } from "./shared.ts";

interface Vmagent {
  /** Where it takes remote write. */
  url: string;
  stop: () => Promise<void>;
}

/** Debian's vmagent, which comes with the store, passing on to it. */
export async function startVmagent(storeUrl: string): Promise<Vmagent> {
  const address = `127.0.0.1:${await freePort()}`;
  const flags = {
    httpListenAddr: address,
    "remoteWrite.url": `${storeUrl}/api/v1/write`,
    "remoteWrite.tmpDataPath": scratchDir("vmagent"),
    "remoteWrite.flushInterval": "100ms",
  };
  const command = ["vmagent", ...Object.entries(flags).map(([name, value]) => `-${name}=${value}`)];
  const agent = Bun.spawn(command, { stdout: "ignore", stderr: "ignore" });
  return {
    url: `http://${address}/api/v1/write`,
    async stop() {
      agent.kill();
      await agent.exited;
    },
  };
}
