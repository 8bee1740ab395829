import bindings from "./fact/binding.txt" with { type: "text" };
import cisco from "./fact/cisco.txt" with { type: "text" };
import f5 from "./fact/f5.txt" with { type: "text" };
import network from "./fact/network.txt" with { type: "text" };
import power from "./fact/power.txt" with { type: "text" };
import server from "./fact/server.txt" with { type: "text" };
import standardMore from "./fact/standard-more.txt" with { type: "text" };
import standard from "./fact/standard.txt" with { type: "text" };

/** The table of traps as it stands in the binary: file name to text. */
export const EMBEDDED_TRAPS: Readonly<Record<string, string>> = {
  "standard.txt": standard,
  "standard-more.txt": standardMore,
  "cisco.txt": cisco,
  "network.txt": network,
  "power.txt": power,
  "server.txt": server,
  "f5.txt": f5,
};
export const EMBEDDED_BINDINGS = bindings;
