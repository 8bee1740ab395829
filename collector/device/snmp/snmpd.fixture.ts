import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchDir } from "../../../packaging/parts/index.ts";
import type { AuthProtocol, PrivProtocol, Target } from "./index.ts";

const SNMPD = ["/usr/sbin/snmpd", "/usr/local/sbin/snmpd"].find((path) => existsSync(path)) ?? "snmpd";
/** A test that fails must not leave its agent behind. */
const DIE_WITH_US = existsSync("/usr/bin/setpriv") ? ["/usr/bin/setpriv", "--pdeathsig", "TERM"] : [];
const READY_TRIES = 100;
const READY_WAIT_MS = 50;

export interface SnmpdUser {
  user: string;
  authProtocol: AuthProtocol | "none";
  authPassword?: string;
  privProtocol: PrivProtocol | "none";
  privPassword?: string;
}

export interface Snmpd {
  port: number;
  pid: number;
  target(change?: Partial<Target>): Target;
  stop(): Promise<void>;
}

export const COMMUNITY = "lighthouse";

/** Starts Debian's real net-snmp agent on a free loopback port, with users and further lines of snmpd.conf. */
export async function startSnmpd(
  options: { users?: SnmpdUser[]; lines?: string[]; port?: number; dir?: string } = {},
): Promise<Snmpd> {
  const dir = options.dir ?? scratchDir("snmpd");
  const port = options.port ?? (await freeUdpPort());
  mkdirSync(join(dir, "state"), { recursive: true });
  const conf = join(dir, "snmpd.conf");
  writeFileSync(conf, [...settings(options.users ?? []), ...(options.lines ?? []), ""].join("\n"));
  const child = Bun.spawn({
    cmd: [...DIE_WITH_US, SNMPD, "-f", "-Lo", "-C", "-c", conf, "-p", join(dir, "snmpd.pid"), `udp:127.0.0.1:${port}`],
    env: { ...process.env, SNMP_PERSISTENT_DIR: join(dir, "state"), MIBS: "" },
    stdin: "ignore",
    stdout: Bun.file(join(dir, "snmpd.log")),
    stderr: Bun.file(join(dir, "snmpd.err")),
  });
  const target = (change: Partial<Target> = {}): Target => ({
    name: "real",
    address: "127.0.0.1",
    port,
    credential: { name: "lab", version: "v2c", community: COMMUNITY },
    timeoutMs: 1_000,
    retries: 2,
    ...change,
  });
  await ready(port);
  return {
    port,
    pid: child.pid,
    target,
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

function settings(users: SnmpdUser[]): string[] {
  return [
    `rocommunity ${COMMUNITY} 127.0.0.1`,
    "sysName real-agent",
    "sysDescr Watchpost test agent",
    "sysLocation test bench",
    "includeAllDisks 10%",
    ...users.flatMap(userLines),
  ];
}

const AUTH_NAMES: Record<AuthProtocol, string> = {
  md5: "MD5",
  sha1: "SHA",
  sha224: "SHA-224",
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
};
const PRIV_NAMES: Record<PrivProtocol, string> = {
  des: "DES",
  aes128: "AES",
  aes192: "AES-192",
  aes256: "AES-256",
  aes192c: "AES-192-C",
  aes256c: "AES-256-C",
};

function userLines(user: SnmpdUser): string[] {
  const auth = user.authProtocol === "none" ? "" : ` ${AUTH_NAMES[user.authProtocol]} "${user.authPassword ?? ""}"`;
  const priv = user.privProtocol === "none" ? "" : ` ${PRIV_NAMES[user.privProtocol]} "${user.privPassword ?? ""}"`;
  const level = priv ? "priv" : auth ? "auth" : "noauth";
  return [`createUser ${user.user}${auth}${priv}`, `rouser ${user.user} ${level}`];
}

/** Any SNMP answer will do: a discovery needs neither community nor user. */
async function ready(port: number): Promise<void> {
  for (let tries = 0; tries < READY_TRIES; tries++) {
    const answer = Bun.spawnSync({
      cmd: [
        "snmpget",
        "-v2c",
        "-c",
        COMMUNITY,
        "-t",
        "0.2",
        "-r",
        "0",
        "-On",
        `127.0.0.1:${port}`,
        "1.3.6.1.2.1.1.3.0",
      ],
      env: { ...process.env, MIBS: "" },
    });
    if (answer.exitCode === 0) return;
    await Bun.sleep(READY_WAIT_MS);
  }
  throw new Error(`snmpd on UDP port ${port} gave no answer in ${READY_TRIES} tries; is Debian's snmpd installed?`);
}

/** A port that was free a moment ago. */
export async function freeUdpPort(): Promise<number> {
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  const { port } = socket;
  socket.close();
  return port;
}
