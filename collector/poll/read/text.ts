import {
  enterpriseOf,
  extract,
  longestPrefix,
  type Profile,
  type RowName,
  type TextSource,
} from "../../profile/index.ts";
import { SYSTEM } from "../layout.ts";
import type { Polled, Value } from "../polled.ts";

/** What a device calls itself or its parts may be this long; more is cut. */
export const NAME_CHARS_MAX = 128;

/** What agents write where they have nothing to say. */
const NOTHING =
  /^(n\/?a|none|null|unknown|undefined|not[ -]?(specified|available|applicable|present|set)|default string|to be filled.*|x+|[0.\-\s]*)$/i;

/** The first source that says something. */
export function readText(part: keyof Profile["identity"], profile: Profile, polled: Polled): string {
  for (const source of profile.identity[part] ?? []) {
    const text = fromSource(source, profile, polled).trim();
    if (!NOTHING.test(text)) return text.slice(0, NAME_CHARS_MAX);
  }
  return "";
}

function fromSource(source: TextSource, profile: Profile, polled: Polled): string {
  if ("text" in source) return source.text;
  if ("description" in source) {
    const found = extract(polled.scalar(SYSTEM.description)?.text ?? "", source.description);
    return found === "" ? "" : (source.as ?? found);
  }
  if ("from" in source) return fromObjectId(source.from, profile, polled.scalar(SYSTEM.objectId)?.text ?? "");
  if ("scalar" in source) return shaped(polled.scalar(source.scalar)?.text ?? "", source);
  const { where } = source;
  const guard = where && polled.column(where.column);
  for (const [index, value] of polled.column(source.column)) {
    if (where && !holds(where, guard?.get(index))) continue;
    const text = shaped(value.text, source).trim();
    if (!NOTHING.test(text)) return text;
  }
  return "";
}

type Guard = NonNullable<Extract<TextSource, { column: string }>["where"]>;

function holds(guard: Guard, value: Value | undefined): boolean {
  if ("missing" in guard) return value === undefined;
  return "is" in guard ? value?.text === guard.is : value?.number === guard.equals;
}

function fromObjectId(from: "models" | "enterprise", profile: Profile, objectId: string): string {
  if (from === "enterprise") return enterpriseOf(objectId);
  return longestPrefix((prefix) => profile.models[prefix], objectId) ?? "";
}

function shaped(text: string, source: Pick<Extract<TextSource, { scalar: string }>, "pattern" | "values">): string {
  const found = source.pattern === undefined ? text : extract(text, source.pattern);
  return source.values ? (source.values[found] ?? "") : found;
}

/** The name of a table row. */
export function rowName(name: RowName, index: string, polled: Polled): string {
  const text = name.column === undefined ? "" : (polled.column(name.column).get(index)?.text ?? "");
  const made = () => name.text.replace("{index}", index).replace("{last}", index.slice(index.lastIndexOf(".") + 1));
  return (text === "" ? made() : `${name.before ?? ""}${text}`).slice(0, NAME_CHARS_MAX);
}

/** Makes names that occur twice different by their index, and in rows of two tables by their turn: each stays one series. */
export function distinctNames(rows: readonly { index: string; name: string }[]): string[] {
  const uses = Map.groupBy(rows, ({ name }) => name);
  const turns = new Map<string, number>();
  return rows.map(({ index, name }) => {
    const own = (uses.get(name)?.length ?? 0) > 1 ? `${name} (${index})` : name;
    const turn = (turns.get(own) ?? 0) + 1;
    turns.set(own, turn);
    return turn === 1 ? own : `${own} #${turn}`;
  });
}
