import { formatOid, Incoming, oid, Pdu, Tag, Version, Writer } from "../../device/snmp/index.ts";
import { compareNames, type Recording, type Variable } from "./read.ts";

const LOOPBACK = "127.0.0.1";
const COMMUNITY = "recording";
const ANSWER_BYTES_MAX = 16_384;
const ROOM_BYTES = 60_000;
const ANSWERS_MAX = 2_000;

export interface ServedRecording {
  address: string;
  port: number;
  community: string;
  close(): void;
}

/** Answers for the device that was recorded, on loopback: whoever asks reads it as they would read the device. */
export async function serveRecording(recording: Recording): Promise<ServedRecording> {
  const incoming = new Incoming();
  const writer = new Writer(ROOM_BYTES);
  const socket = await Bun.udpSocket({
    hostname: LOOPBACK,
    port: 0,
    socket: {
      data(socket, bytes, port, address) {
        if (!incoming.readHeader(bytes) || incoming.version !== Version.v2c) return;
        if (!incoming.readPdu(bytes, incoming.data)) return;
        const answers = answersTo(incoming, recording.variables);
        socket.send(writeResponse(writer, incoming.requestId, answers), port, address);
      },
    },
  });
  return { address: LOOPBACK, port: socket.port, community: COMMUNITY, close: () => socket.close() };
}

function answersTo(incoming: Incoming, variables: readonly Variable[]): Variable[] {
  const names = namesOf(incoming);
  const next = (name: readonly number[]) => variables[placeAfter(variables, name)] ?? endAt(name);
  if (incoming.pduType === Pdu.Get) {
    const exact = (name: readonly number[]) => variables[placeAfter(variables, name) - 1];
    return names.map((name) => {
      const found = exact(name);
      return found && compareNames(found.name, name) === 0 ? found : endAt(name);
    });
  }
  if (incoming.pduType !== Pdu.GetBulk) return names.map(next);
  const nonRepeaters = Math.min(incoming.errorStatus, names.length);
  const answers = names.slice(0, nonRepeaters).map(next);
  let row = names.slice(nonRepeaters);
  let bytes = sizeOf(answers);
  for (let turn = 0; turn < incoming.errorIndex && row.length > 0 && answers.length < ANSWERS_MAX; turn++) {
    const found = row.map(next);
    bytes += sizeOf(found);
    if (turn > 0 && bytes > ANSWER_BYTES_MAX) break;
    answers.push(...found);
    row = found.map(({ name }) => name);
  }
  return answers;
}

function namesOf({ varbinds }: Incoming): number[][] {
  return Array.from({ length: varbinds.count }, (_, i) =>
    formatOid(varbinds.bytes, varbinds.oidStart[i] ?? 0, varbinds.oidEnd[i] ?? 0)
      .split(".")
      .map(Number),
  );
}

/** The place of the first variable after a name. */
function placeAfter(variables: readonly Variable[], name: readonly number[]): number {
  let low = 0;
  let high = variables.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareNames(variables[middle]?.name ?? [], name) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function endAt(name: readonly number[]): Variable {
  return { name: [...name], nameBytes: bytesOf(name), tag: Tag.EndOfMibView, value: new Uint8Array(0) };
}

function bytesOf(name: readonly number[]): Uint8Array {
  return oid(name.join(".")).bytes;
}

function sizeOf(variables: readonly Variable[]): number {
  return variables.reduce((sum, { nameBytes, value }) => sum + nameBytes.length + value.length + 12, 0);
}

function writeResponse(writer: Writer, requestId: number, answers: readonly Variable[]): Uint8Array {
  writer.reset();
  const end = writer.at;
  for (const { nameBytes, tag, value } of answers.toReversed()) {
    const after = writer.at;
    writer.raw(value);
    writer.wrap(tag, after);
    const nameEnd = writer.at;
    writer.raw(nameBytes);
    writer.wrap(Tag.ObjectId, nameEnd);
    writer.wrap(Tag.Sequence, after);
  }
  writer.wrap(Tag.Sequence, end);
  writer.integer(0);
  writer.integer(0);
  writer.integer(requestId);
  writer.wrap(Pdu.Response, end);
  writer.octets(Buffer.from(COMMUNITY));
  writer.integer(Version.v2c);
  writer.wrap(Tag.Sequence, end);
  return writer.view().slice();
}
