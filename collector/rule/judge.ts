import type { Answered } from "../poll/reading.ts";
import { judgeBoot } from "./boot.ts";
import type { Finding, Numbers, Scene } from "./finding.ts";
import { judgeInterfaces } from "./interface-state.ts";
import { judgeRenumbered } from "./renumbered.ts";
import { judgeSensors } from "./sensor.ts";
import { judgeSlow } from "./slow.ts";
import { judgeThresholds } from "./threshold.ts";

/** Everything one answered poll says about its device. */
export function judge(reading: Answered, numbers: Numbers, scene: Scene): Finding[] {
  return [
    ...judgeBoot(reading, scene),
    ...judgeInterfaces(reading, scene),
    ...judgeRenumbered(reading, scene),
    ...judgeSensors(reading, scene),
    ...judgeSlow(reading, scene),
    ...judgeThresholds(numbers, scene),
  ];
}
