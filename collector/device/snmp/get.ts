import { Pdu } from "./ber.ts";
import { Cells } from "./cells.ts";
import type { Target } from "./credential.ts";
import type { Asker } from "./exchange.ts";
import { explainErrorStatus, explainGarbage } from "./explain.ts";
import type { Incoming } from "./incoming.ts";
import { compareOids, type Oid } from "./oid.ts";
import type { Failure } from "./outcome.ts";
import { type Question, writePdu } from "./request.ts";
import type { Writer } from "./writer.ts";

export const GET_OIDS_MAX = 50;

/** Values by the number of the OID asked for; an OID that the agent does not have has no cell. */
export type GetOutcome = { kind: "ok"; cells: Cells } | Failure;

/** One GET of whole OIDs. */
export class Getter implements Asker {
  readonly #target: Target;
  readonly #oids: readonly Oid[];
  readonly #settle: (outcome: GetOutcome) => void;

  constructor(target: Target, oids: readonly Oid[], settle: (outcome: GetOutcome) => void) {
    if (oids.length > GET_OIDS_MAX)
      throw new Error(`a GET of ${oids.length} OIDs was asked for; the most is ${GET_OIDS_MAX}`);
    this.#target = target;
    this.#oids = oids;
    this.#settle = settle;
  }

  writePdu(writer: Writer, requestId: number): number {
    const questions: Question[] = this.#oids.map((oid) => ({ bytes: oid.bytes, start: 0, end: oid.bytes.length }));
    writePdu(writer, { type: Pdu.Get, requestId, first: 0, second: 0, questions });
    return 0;
  }

  readonly keepsAnswers = true;

  read(incoming: Incoming): boolean {
    return incoming.readVarbinds();
  }

  onResponse(incoming: Incoming): void {
    const { varbinds, errorStatus, errorIndex } = incoming;
    if (errorStatus !== 0) return this.#settle(explainErrorStatus(this.#target, errorStatus, errorIndex));
    const cells = new Cells(this.#oids.length);
    for (const [number, oid] of this.#oids.entries()) {
      const start = varbinds.oidStart[number] ?? 0;
      const end = varbinds.oidEnd[number] ?? 0;
      const isAsked =
        number < varbinds.count && compareOids(varbinds.bytes, start, end, oid.bytes, 0, oid.bytes.length) === 0;
      if (!isAsked)
        return this.#settle(explainGarbage(this.#target, `the agent answers ${oid.text} with another variable`));
      if ((varbinds.tag[number] as number) < 0x80) cells.append(number, varbinds, number, oid.bytes.length);
    }
    cells.finish(this.#oids.length);
    this.#settle({ kind: "ok", cells });
  }

  onFailure(failure: Failure): void {
    this.#settle(failure);
  }
}
