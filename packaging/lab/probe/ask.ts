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

/** What net-snmp's own tools say of a device: OID -> value as `-Oqnte` prints it. Empty when nothing answers. */
export async function ask(
  tool: "snmpget" | "snmpwalk" | "snmpbulkwalk",
  config: Pick<LabSiteConfig, "devices" | "credentials">,
  name: string,
  ...oids: string[]
): Promise<Map<string, string>> {
  const device = config.devices.find((candidate) => candidate.name === name);
  const credential = config.credentials.find((candidate) => candidate.name === device?.credential);
  if (!device || !credential) throw new Error(`no device ${name} with a credential in this configuration`);
  return run(tool, flagsOf(credential), device, oids);
}

async function run(tool: string, flags: string[], device: LabDevice, oids: string[]): Promise<Map<string, string>> {
  const options = ["-Oqnte", "-r0", "-t1.3"];
  const argv = [tool, ...flags, ...options, `${device.address}:${device.port}`, ...oids];
  const child = Bun.spawn(argv, { stdout: "pipe", stderr: "pipe", env: { ...process.env, MIBS: "" } });
  const [out] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return parse(out);
}

/** Answers of any agent at an address: v2c with this community. */
export function askAt(
  tool: string,
  community: string,
  device: LabDevice,
  ...oids: string[]
): Promise<Map<string, string>> {
  return run(tool, ["-v2c", `-c${community}`], device, oids);
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
