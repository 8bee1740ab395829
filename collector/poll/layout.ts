import { type Oid, oid, Recently } from "../device/snmp/index.ts";
import { type Columns, columnsOf, type Profile } from "../profile/index.ts";

/** Asked of every device with every poll. */
export const SYSTEM = {
  description: "1.3.6.1.2.1.1.1",
  objectId: "1.3.6.1.2.1.1.2",
  uptime: "1.3.6.1.2.1.1.3",
  name: "1.3.6.1.2.1.1.5",
  engineBoots: "1.3.6.1.6.3.10.2.1.2",
  /** Ticks when a row of ifTable last came or went: an agent that tells need not be asked for names with every poll. */
  tableChange: "1.3.6.1.2.1.31.1.5",
} as const;

/** Bounded by the profiles, which are ours: no OID from a device comes here. */
const encodedOids = new Map<string, Oid>();

/** What one walk asks, and under which number each OID's values come back. */
export interface Layout {
  readonly scalars: readonly Oid[];
  readonly columns: readonly Oid[];
  readonly numbers: ReadonlyMap<string, number>;
}

const IDENTITY = [SYSTEM.description, SYSTEM.objectId, SYSTEM.uptime, SYSTEM.name];
const ALWAYS = [SYSTEM.uptime, SYSTEM.objectId, SYSTEM.engineBoots, SYSTEM.tableChange];

/** Devices of one kind ask the same. */
const layouts = new Recently<Layout>(1_000);

function layout(scalars: readonly string[], columns: readonly string[]): Layout {
  const single = new Set(scalars);
  const names = [...single];
  const rest = [...new Set(columns)].filter((name) => !single.has(name));
  const key = `${names.join()} ${rest.join()}`;
  let known = layouts.get(key);
  if (!known) {
    known = {
      scalars: names.map(encoded),
      columns: rest.map(encoded),
      numbers: new Map([...names, ...rest].map((name, number) => [name, number])),
    };
    layouts.set(key, known);
  }
  return known;
}

/** The first words with a device: who is it? */
export const identityLayout: Layout = layout(IDENTITY, []);

/** By which profiles know a device whose sysObjectID does not tell. */
export function questionLayout(questions: readonly string[]): Layout {
  return layout(questions, []);
}

/** All that the profile knows: the first poll, and every so many polls. */
export function fullLayout(profile: Profile): Layout {
  let whole = fullLayouts.get(profile);
  if (!whole) {
    const { fast, slow } = columnsFor(profile);
    whole = layout([...IDENTITY, ...ALWAYS, ...fast.scalars, ...slow.scalars], [...fast.columns, ...slow.columns]);
    fullLayouts.set(profile, whole);
  }
  return whole;
}

const fullLayouts = new WeakMap<Profile, Layout>();

/** What moves, without what need not be asked of this device, and with what is asked of it besides. */
export function fastLayout(profile: Profile, leftOut: ReadonlySet<string>, besides: readonly string[] = []): Layout {
  const { fast } = columnsFor(profile);
  const wanted = (names: string[]) => names.filter((name) => !leftOut.has(name));
  return layout(wanted([...ALWAYS, ...fast.scalars]), wanted([...fast.columns, ...besides]));
}

/** What a full poll reads besides the usual one, less what says the same as another column. */
export function slowLayout(full: Layout, fast: Layout, redundant: ReadonlySet<string>): Layout {
  const names = [...full.numbers.keys()].filter((name) => !fast.numbers.has(name) && !redundant.has(name));
  const isScalar = (name: string) => (full.numbers.get(name) ?? 0) < full.scalars.length;
  return layout(
    names.filter(isScalar),
    names.filter((name) => !isScalar(name)),
  );
}

/** What an interface is called and how fast it is: slow-moving where the agent tells when its interfaces change. */
export function interfaceWords({ interfaces }: Profile): string[] {
  return interfaces ? [interfaces.name, interfaces.description, interfaces.highSpeed] : [];
}

/** What tells interfaces of one name apart. */
export function interfaceMarks({ interfaces }: Profile): string[] {
  return interfaces ? [interfaces.mac, interfaces.alias] : [];
}

/** OIDs whose values are kept between full polls. */
export function slowOids(profile: Profile): string[] {
  const { slow } = columnsFor(profile);
  return [SYSTEM.description, SYSTEM.name, ...slow.scalars, ...slow.columns, ...interfaceWords(profile)];
}

const columnsOfProfile = new WeakMap<Profile, Columns>();

function columnsFor(profile: Profile): Columns {
  let columns = columnsOfProfile.get(profile);
  if (!columns) {
    columns = columnsOf(profile);
    columnsOfProfile.set(profile, columns);
  }
  return columns;
}

function encoded(text: string): Oid {
  let known = encodedOids.get(text);
  if (!known) {
    known = oid(text);
    encodedOids.set(text, known);
  }
  return known;
}
