import { expect, test } from "bun:test";
import { Severity } from "@watchpost/proto";
import { describeTrap } from "./describe.ts";
import { trapNameOf } from "./names.ts";

/** As RFC 3418, 2863, 4273, 4750, 5643, 6933, 1628, 4188, 2819, 4382, 4744 and IEEE 802.1AB number them. */
test.each([
  ["1.3.6.1.6.3.1.1.5.1", "coldStart"],
  ["1.3.6.1.6.3.1.1.5.4", "linkUp"],
  ["1.3.6.1.2.1.15.0.2", "bgpBackwardTransNotification"],
  ["1.3.6.1.2.1.15.7.2", "bgpBackwardTransition"],
  ["1.3.6.1.2.1.14.16.2.16", "ospfIfStateChange"],
  ["1.3.6.1.2.1.191.0.2", "ospfv3NbrStateChange"],
  ["1.3.6.1.2.1.47.2.0.1", "entConfigChange"],
  ["1.3.6.1.2.1.33.2.1", "upsTrapOnBattery"],
  ["1.3.6.1.2.1.17.0.1", "newRoot"],
  ["1.3.6.1.2.1.16.0.2", "fallingAlarm"],
  ["1.0.8802.1.1.2.0.0.1", "lldpRemTablesChange"],
  ["1.3.111.2.802.1.1.13.0.0.1", "lldpV2RemTablesChange"],
  ["1.3.6.1.2.1.10.166.11.0.2", "mplsL3VpnVrfDown"],
  ["1.3.6.1.2.1.26.0.2", "ifMauJabberTrap"],
  ["1.3.6.1.4.1.318.0.19", "contactFaultResolved"],
])("%s is %s, with and without the zero that SNMPv1 puts in", (oid, name) => {
  expect(trapNameOf(oid)?.name).toBe(name);
  const last = oid.lastIndexOf(".");
  const head = oid.slice(0, last).replace(/\.0$/, "");
  expect(trapNameOf(`${head}.0${oid.slice(last)}`)?.name).toBe(name);
});

test("a trap that no table knows keeps its OID, and whose it is", () => {
  const trapOid = "1.3.6.1.4.1.9.9.99999.0.7";
  const bindings = [{ oid: "1.3.6.1.4.1.9.9.99999.1.2.0", value: "over" }];
  const event = describeTrap({
    notification: { version: "v2c", isInform: false, trapOid, uptimeTicks: 100, agentAddress: "", bindings },
    name: trapNameOf(trapOid),
    subject: { object: "", isInterface: false },
    device: "sw1",
    source: "192.0.2.1",
    nowMs: 0,
  });
  expect(event).toMatchObject({
    severity: Severity.INFO,
    summary: `sw1: trap ${trapOid} of Cisco 1.3.6.1.4.1.9.9.99999.1.2.0=over`,
    attributes: { trap: trapOid, trap_oid: trapOid, vendor: "Cisco" },
  });
});
