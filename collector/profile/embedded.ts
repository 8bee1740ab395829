import aruba from "./library/aruba.yaml" with { type: "text" };
import cisco from "./library/cisco.yaml" with { type: "text" };
import fortinet from "./library/fortinet.yaml" with { type: "text" };
import generic from "./library/generic.yaml" with { type: "text" };
import netSnmp from "./library/net-snmp.yaml" with { type: "text" };
import ups from "./library/ups.yaml" with { type: "text" };

/** The library as it stands in the binary: file name to text. */
export const EMBEDDED_PROFILES: Readonly<Record<string, string>> = {
  "generic.yaml": generic,
  "net-snmp.yaml": netSnmp,
  "ups.yaml": ups,
  "cisco.yaml": cisco,
  "fortinet.yaml": fortinet,
  "aruba.yaml": aruba,
};
