import { nearest } from "./nearest.ts";
import type { Finding, PathPart } from "./problem.ts";
import type { Credential, RuleConfig, SitePart } from "./schema.ts";

/** What one key's schema cannot see: names that must be unique or exist elsewhere. */
export function crossCheck(site: SitePart, credentials: readonly Credential[]): Finding[] {
  return [
    ...duplicates(
      site.devices.map((d) => d.name),
      (i) => ["devices", i, "name"],
      "a device name used once",
    ),
    ...duplicates(site.devices.map(endpoint), (i) => ["devices", i, "address"], "an address and port used once"),
    ...duplicates(
      site.rules.map((r) => r.name),
      (i) => ["rules", i, "name"],
      "a rule name used once",
    ),
    ...unknownCredentials(site, credentials),
    ...site.rules.flatMap(clearOnWrongSide),
  ];
}

export function checkCredentials(credentials: readonly Credential[]): Finding[] {
  const names = credentials.map((c) => c.name);
  return [
    ...duplicates(names, (i) => ["credentials", i, "name"], "a credential name used once"),
    ...credentials.flatMap(incompleteUser),
  ];
}

function endpoint(device: SitePart["devices"][number]): string {
  return device.address.includes(":") ? `[${device.address}]:${device.port}` : `${device.address}:${device.port}`;
}

function duplicates(values: readonly string[], pathOf: (index: number) => PathPart[], expected: string): Finding[] {
  const first = new Map<string, number>();
  return values.flatMap((value, index) => {
    const earlier = first.get(value);
    first.set(value, earlier ?? index);
    if (earlier === undefined) return [];
    return [
      { path: pathOf(index), atKey: false, expected, found: `${value} again (entry ${earlier} has it)`, hint: "" },
    ];
  });
}

function unknownCredentials(site: SitePart, credentials: readonly Credential[]): Finding[] {
  const known = credentials.map((c) => c.name);
  const names = new Set(known);
  return site.devices.flatMap((device, index) => {
    if (names.has(device.credential)) return [];
    const near = nearest(device.credential, known);
    const listed = known.length === 0 ? "There are no credentials." : `Known: ${known.slice(0, 20).join(", ")}.`;
    return [
      {
        path: ["devices", index, "credential"],
        atKey: false,
        expected: "the name of an entry of credentials",
        found: `"${device.credential}"`,
        hint: near === undefined ? listed : `Did you mean "${near}"?`,
      },
    ];
  });
}

function clearOnWrongSide(rule: RuleConfig, index: number): Finding[] {
  if (rule.clear === undefined) return [];
  const wrong =
    (rule.above !== undefined && rule.clear > rule.above) || (rule.below !== undefined && rule.clear < rule.below);
  if (!wrong) return [];
  const expected = rule.above === undefined ? `a value of at least ${rule.below}` : `a value of at most ${rule.above}`;
  return [{ path: ["rules", index, "clear"], atKey: false, expected, found: String(rule.clear), hint: "" }];
}

function incompleteUser(credential: Credential, index: number): Finding[] {
  if (credential.version !== "v3") return [];
  const missing = (key: string, why: string): Finding => ({
    path: ["credentials", index, key],
    atKey: false,
    expected: `${key}, because ${why}`,
    found: "none",
    hint: "",
  });
  const auth = credential.authProtocol !== "none";
  const priv = credential.privProtocol !== "none";
  return [
    ...(auth && credential.authPassword === undefined
      ? [missing("authPassword", `authProtocol is ${credential.authProtocol}`)]
      : []),
    ...(priv && credential.privPassword === undefined
      ? [missing("privPassword", `privProtocol is ${credential.privProtocol}`)]
      : []),
    ...(priv && !auth ? [missing("authProtocol", "SNMPv3 has no privacy without authentication")] : []),
  ];
}
