import type { Evidence } from "../evidence.ts";

export const CLAIM_KINDS = ["SUMMARY", "CAUSE", "IMPACT", "FINDING", "ACTION"] as const;
export type ClaimKind = (typeof CLAIM_KINDS)[number];

export interface Claim {
  kind: ClaimKind;
  text: string;
  /** Ids of evidence rows that exist. */
  evidence: string[];
  /** Why a reader should doubt it; undefined when every number is borne out. */
  flagged?: string;
}

const CLAIM_CHARACTERS_MAX = 600;
const CITATION = /\[\s*(E\d{1,4}(?:\s*[,;]\s*E\d{1,4})*)\s*\]/g;

/** One line of a model's answer. Undefined when it cites no evidence that exists: then it is not said. */
export function claimOf(line: string, byAlias: ReadonlyMap<string, Evidence>): Claim | undefined {
  const text = line
    .slice(0, CLAIM_CHARACTERS_MAX)
    .trim()
    .replace(/^[-*#\s]+/, "")
    .replaceAll("**", "");
  const [, kind = "FINDING", said = text] = /^(SUMMARY|CAUSE|IMPACT|FINDING|ACTION)\s*:\s*(.*)$/.exec(text) ?? [];
  const aliases = [...said.matchAll(CITATION)].flatMap((match) => (match[1] ?? "").split(/\s*[,;]\s*/));
  const cited = [...new Set(aliases)].flatMap((alias) => byAlias.get(alias) ?? []);
  const prose = said
    .replaceAll(CITATION, "")
    .replaceAll(/\s+([.,;])/g, "$1")
    .replaceAll(/\s+/g, " ")
    .trim();
  if (cited.length === 0 || prose === "") return undefined;
  const unfounded = unfoundedNumbers(prose, cited);
  return {
    kind: kind as ClaimKind,
    text: prose,
    evidence: cited.map((evidence) => evidence.id),
    ...(unfounded.length === 0 ? {} : { flagged: `not in the evidence it cites: ${unfounded.slice(0, 5).join(", ")}` }),
  };
}

/** A number that stands alone: not part of a name such as Te1/1 or core-sw1, nor of a time. */
const NUMBER =
  /(?<![\w./:]|[A-Za-z]-)(-?\d+(?:[,\d]*\d)?(?:\.\d+)?)(?![\d/:.]*[\d/:])\s*(%|[kKMGT](?=bit|bps|b\/s|B)|)/g;
const DATE = /\b\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z?)?/g;
const SCALE: Readonly<Record<string, number>> = { "": 1, "%": 0.01, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** The numbers of a sentence that none of its evidence holds, allowing for the rounding that the sentence shows. */
export function unfoundedNumbers(prose: string, cited: readonly Evidence[]): string[] {
  const known = cited.flatMap((evidence) => [...numbersIn(evidence.finding), ...numbersIn(evidence.result)]);
  return [...prose.replaceAll(DATE, " ").matchAll(NUMBER)].flatMap(([whole, digits = "", unit = ""]) => {
    const plain = digits.replaceAll(",", "");
    const value = Number(plain);
    const scale = SCALE[unit] ?? 1;
    const decimals = plain.split(".")[1]?.length ?? 0;
    const slack = 0.5 * 10 ** -decimals + 1e-9;
    const borneOut = known.some(
      (number) => Math.abs(number / scale - value) <= slack || (unit === "%" && number === value),
    );
    return borneOut ? [] : [whole.trim()];
  });
}

const DEPTH_MAX = 8;

function numbersIn(value: unknown, depth = 0): number[] {
  if (typeof value === "number") return [value];
  if (typeof value === "string") return [...value.matchAll(/-?\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits));
  if (depth >= DEPTH_MAX || typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((inner) => numbersIn(inner, depth + 1));
}
