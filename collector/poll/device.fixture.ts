import {
  answerFrom,
  counter64,
  element,
  objectId,
  startResponder,
  text,
  unsigned,
  type Variable,
} from "../device/snmp/responder.fixture.ts";
import { Tag } from "../device/snmp/index.ts";

export interface Port {
  index: number;
  name: string;
  octets: bigint;
  alias?: string;
  mac?: number[];
}

/** A made-up switch whose every value a test may change between polls. */
export interface MadeUpDevice {
  uptimeTicks: number;
  engineBoots: number;
  objectId: string;
  ports: Port[];
  more: Variable[];
  /** Questions after which it falls silent. */
  answersMax: number;
}

export async function startMadeUpDevice(change: Partial<MadeUpDevice> = {}) {
  const device: MadeUpDevice = {
    uptimeTicks: 100_000,
    engineBoots: 3,
    objectId: "1.3.6.1.4.1.99999.1",
    ports: [1, 2].map((index) => ({ index, name: `ge${index}`, octets: 1_000n * BigInt(index) })),
    more: [],
    answersMax: Number.POSITIVE_INFINITY,
    ...change,
  };
  let questions = 0;
  const answer = answerFrom(() => variablesOf(device));
  const responder = await startResponder((question, reply) => {
    questions += 1;
    if (questions <= device.answersMax) answer(question, reply);
  });
  return { device, ...responder, questions: () => questions };
}

function variablesOf(device: MadeUpDevice): Variable[] {
  return [
    { oid: "1.3.6.1.2.1.1.1.0", value: text("Made-up switch, Version 7.1(2), for tests") },
    { oid: "1.3.6.1.2.1.1.2.0", value: objectId(device.objectId) },
    { oid: "1.3.6.1.2.1.1.3.0", value: unsigned(Tag.TimeTicks, device.uptimeTicks) },
    { oid: "1.3.6.1.2.1.1.5.0", value: text("made-up") },
    { oid: "1.3.6.1.6.3.10.2.1.2.0", value: element(Tag.Integer, device.engineBoots) },
    ...device.ports.flatMap(({ index, name, octets, alias = `alias of ${name}`, mac = [] }) => [
      { oid: `1.3.6.1.2.1.2.2.1.2.${index}`, value: text(name) },
      { oid: `1.3.6.1.2.1.2.2.1.7.${index}`, value: element(Tag.Integer, 1) },
      { oid: `1.3.6.1.2.1.2.2.1.8.${index}`, value: element(Tag.Integer, 1) },
      { oid: `1.3.6.1.2.1.2.2.1.10.${index}`, value: unsigned(Tag.Counter32, Number(octets & 0xffff_ffffn)) },
      { oid: `1.3.6.1.2.1.31.1.1.1.1.${index}`, value: text(name) },
      { oid: `1.3.6.1.2.1.31.1.1.1.6.${index}`, value: counter64(octets) },
      { oid: `1.3.6.1.2.1.31.1.1.1.18.${index}`, value: text(alias) },
      { oid: `1.3.6.1.2.1.2.2.1.6.${index}`, value: element(Tag.OctetString, ...mac) },
    ]),
    ...device.more,
  ];
}
