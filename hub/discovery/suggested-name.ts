import { NAME } from "./parse-report.ts";

const NAME_LENGTH_MAX = 63;

/** A device name as a configuration takes it: what the device calls itself, else its address. */
export function suggestedName({ sysName, address }: { sysName: string; address: string }): string {
  const name = sysName
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, NAME_LENGTH_MAX);
  return NAME.test(name) ? name : `device-${addressPart(address)}`;
}

/** The name, or where another device has it, the name with the address behind it. */
export function freeName(wanted: { sysName: string; address: string }, taken: ReadonlySet<string>): string | undefined {
  const name = suggestedName(wanted);
  if (!taken.has(name)) return name;
  const tail = `-${addressPart(wanted.address)}`;
  const longer = name.slice(0, NAME_LENGTH_MAX - tail.length) + tail;
  return taken.has(longer) ? undefined : longer;
}

function addressPart(address: string): string {
  return address.replaceAll(/[.:]+/g, "-").replaceAll(/^-|-$/g, "");
}
