import type { LabDevice, LabSiteConfig } from "../site-config.ts";

type Credential = LabSiteConfig["credentials"][number];

const AUTH_NAMES: Record<string, string> = {
  md5: "MD5",
  sha1: "SHA",
  sha224: "SHA-224",
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
};
const PRIV_NAMES: Record<string, string> = { des: "DES", aes128: "AES", aes192: "AES-192", aes256: "AES-256" };

type Site = Pick<LabSiteConfig, "devices" | "credentials">;
type Tool = "snmpget" | "snmpwalk" | "snmpbulkwalk";

const TIMEOUT_SECONDS = 3;
const SYS_UPTIME = "1.3.6.1.2.1.1.3.0";

/** What net-snmp's own tools say of a device: OID -> value as `-Oqnte` prints it. Empty when nothing answers. */
export function ask(tool: Tool, site: Site, name: string, ...oids: string[]): Promise<Map<string, string>> {
  return run(tool, { ...targetOf(site, name), timeoutSeconds: TIMEOUT_SECONDS }, oids);
}

/** The same of any v2c agent, by its address and community. */
export function askAt(tool: Tool, community: string, at: Address, ...oids: string[]): Promise<Map<string, string>> {
  return run(tool, { flags: ["-v2c", `-c${community}`], at, timeoutSeconds: TIMEOUT_SECONDS }, oids);
}

/** Whether the device answers one request in this time. */
export async function answersWithin(timeoutSeconds: number, site: Site, name: string): Promise<boolean> {
  return (await run("snmpget", { ...targetOf(site, name), timeoutSeconds }, [SYS_UPTIME])).size === 1;
}

type Address = Pick<LabDevice, "address" | "port">;

interface Target {
  flags: string[];
  at: Address;
}

function targetOf(site: Site, name: string): Target {
  const at = site.devices.find((candidate) => candidate.name === name);
  const credential = site.credentials.find((candidate) => candidate.name === at?.credential);
  if (!at || !credential) throw new Error(`no device ${name} with a credential in this configuration`);
  return { flags: flagsOf(credential), at };
}

async function run(
  tool: Tool,
  target: Target & { timeoutSeconds: number },
  oids: string[],
): Promise<Map<string, string>> {
  const { flags, at, timeoutSeconds } = target;
  const argv = [tool, ...flags, "-Oqnte", "-r0", `-t${timeoutSeconds}`, `${at.address}:${at.port}`, ...oids];
  const child = Bun.spawn(argv, { stdout: "pipe", stderr: "ignore", env: { ...process.env, MIBS: "" } });
  const [out] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return parse(out);
}

function parse(output: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of output.split("\n")) {
    const [, oid, value] = /^\.([\d.]+) (.*)$/.exec(line) ?? [];
    const missing = value === undefined || /^No (Such|more)/i.test(value);
    if (oid !== undefined && !missing) values.set(oid, value.trim().replace(/^"(.*)"$/s, "$1"));
  }
  return values;
}

function flagsOf(credential: Credential): string[] {
  if (credential.version !== "v3") return [`-${credential.version}`, `-c${credential.community}`];
  const { user, authProtocol, authPassword, privProtocol, privPassword } = credential;
  const flags = ["-v3", `-u${user}`];
  if (authProtocol === "none") return [...flags, "-lnoAuthNoPriv"];
  flags.push(`-a${AUTH_NAMES[authProtocol]}`, `-A${authPassword}`);
  if (privProtocol === "none") return [...flags, "-lauthNoPriv"];
  return [...flags, "-lauthPriv", `-x${PRIV_NAMES[privProtocol]}`, `-X${privPassword}`];
}
