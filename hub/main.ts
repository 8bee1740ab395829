import { runHub } from "./cli/index.ts";

process.exit(await runHub(process.argv.slice(2)));
