import type { RowName, TextSource } from "../../profile/index.ts";
import type { Polled } from "../polled.ts";

/** What a device calls itself or its parts may be this long; more is cut. */
export const NAME_CHARS_MAX = 128;

/** The first source that says something. */
export function readText(sources: readonly TextSource[] | undefined, polled: Polled): string {
  for (const source of sources ?? []) {
    const text = fromSource(source, polled).trim();
    if (text !== "") return text.slice(0, NAME_CHARS_MAX);
  }
  return "";
}

function fromSource(source: TextSource, polled: Polled): string {
  if ("text" in source) return source.text;
  if ("scalar" in source) return cutOut(polled.scalar(source.scalar)?.text ?? "", source.cut);
  const { where } = source;
  const guard = where && polled.column(where.column);
  for (const [index, value] of polled.column(source.column)) {
    if (where && guard?.get(index)?.number !== where.equals) continue;
    const text = cutOut(value.text, source.cut);
    if (text.trim() !== "") return text;
  }
  return "";
}

type Cut = Extract<TextSource, { scalar: string }>["cut"];

function cutOut(text: string, cut: Cut): string {
  if (!cut) return text;
  const found = text.indexOf(cut.after);
  if (found < 0) return "";
  const rest = text.slice(found + cut.after.length);
  const end = cut.before === "" ? -1 : rest.indexOf(cut.before);
  const part = end < 0 ? rest : rest.slice(0, end);
  return cut.word === undefined ? part : (part.trim().split(/\s+/)[cut.word - 1] ?? "");
}

/** The name of a table row. */
export function rowName(name: RowName, index: string, polled: Polled): string {
  const text = name.column === undefined ? "" : (polled.column(name.column).get(index)?.text ?? "");
  return (text === "" ? name.text.replace("{index}", index) : text).slice(0, NAME_CHARS_MAX);
}

/** Makes names that occur twice different by their index, so that each stays one series. */
export function distinctNames(rows: readonly { index: string; name: string }[]): string[] {
  const seen = new Map<string, number>();
  for (const { name } of rows) seen.set(name, (seen.get(name) ?? 0) + 1);
  return rows.map(({ index, name }) => ((seen.get(name) ?? 0) > 1 ? `${name} (${index})` : name));
}
