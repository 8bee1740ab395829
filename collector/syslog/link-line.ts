const LINE_CHARS_MAX = 400;

/** Shapes in which makers say that an interface changed. The first group is its name. All are linear in the text. */
const SHAPES: readonly RegExp[] = [
  /LINK(?:-SW\d)?-\d-UPDOWN: Interface ([\w./:-]{1,64}), changed state to/i,
  /LINEPROTO-\d-UPDOWN: Line protocol on Interface ([\w./:-]{1,64}), changed state to/i,
  /ETHPORT-\d-IF_(?:UP|DOWN)\w*: Interface ([\w./:-]{1,64}) is/i,
  /SNMP_TRAP_LINK_(?:UP|DOWN): [^\n]{0,200}?ifName ([\w./:-]{1,64})/,
  /LINK_(?:UP|DOWN|STATE|UPDOWN)\S{0,40} [^\n]{0,80}?[Ii]nterface ([\w./:-]{1,64})/,
  /\bport ([\w./:-]{1,64}) is now (?:on|off)-line/i,
  /^([\w./-]{1,64}):? (?:NIC )?[Ll]ink (?:is )?(?:[Uu]p|[Dd]own)/,
];

/** Text of hardware trouble that sensors show as well. */
const HARDWARE = /\b(?:fan|psu|power[ -]?supply|temperature|envmon|platform_env)\b|PLATFORM_ENV|ENVMON/i;

export type PolledMatter = { kind: "interface"; name: string } | { kind: "hardware" } | { kind: "none" };

/** What of a line polls can see with their own eyes. */
export function polledMatterOf(text: string): PolledMatter {
  const line = text.slice(0, LINE_CHARS_MAX);
  for (const shape of SHAPES) {
    const name = shape.exec(line)?.[1];
    if (name !== undefined) return { kind: "interface", name };
  }
  return HARDWARE.test(line) ? { kind: "hardware" } : { kind: "none" };
}
