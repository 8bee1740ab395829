import { version } from "./package.json" with { type: "json" };

/** Version of this collector, as the hub and `--version` show it. */
export const VERSION: string = version;
