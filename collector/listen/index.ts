export { type Datagrams, openDatagrams } from "./datagrams.ts";
export { explainBind } from "./bind-error.ts";
export { createPortNames, type PortNames } from "./port-names.ts";
export { SourceLimit } from "./source-limit.ts";
export { createSources, type Sources } from "./sources.ts";
export { createTeller, type Teller } from "./teller.ts";
