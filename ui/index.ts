/** Everything the hub's routes render with. The browser's files are in `@watchpost/ui/asset`. */
export * from "./component/index.ts";
export * from "./fragment/index.ts";
export * from "./page/index.ts";
