/** Writes migrations/0000_init.sql from schema/. One migration until the first release; later ones are added, never changed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A message gets its id when its transaction commits, under a lock that is held no longer than the commit itself: ids
 * become visible in ascending order, and nobody waits while another transaction talks to its client.
 */
const BUS_ORDER = `--> statement-breakpoint
CREATE FUNCTION "shared"."bus_number"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7305802);
  UPDATE "shared"."bus" SET "id" = nextval('shared.bus_id_seq') WHERE "id" = NEW."id";
  PERFORM pg_notify('watchpost_bus', '');
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "bus_number" AFTER INSERT ON "shared"."bus" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION "shared"."bus_number"();
`;

const here = import.meta.dir;
const target = process.argv[2] ?? join(here, "migrations", "0000_init.sql");
const out = mkdtempSync(join(here, ".generate-"));
try {
  const kit = Bun.spawnSync(
    [
      "bun",
      "x",
      "drizzle-kit",
      "generate",
      "--dialect=postgresql",
      "--schema=./schema/index.ts",
      `--out=./${out.slice(here.length + 1)}`,
      "--name=init",
    ],
    { cwd: here, stdout: "pipe", stderr: "pipe" },
  );
  if (kit.exitCode !== 0) throw new Error(`drizzle-kit ended with code ${kit.exitCode}: ${kit.stderr}${kit.stdout}`);
  const file = readdirSync(out).find((name) => name.endsWith(".sql"));
  if (!file) throw new Error(`drizzle-kit wrote no SQL: ${kit.stdout}`);
  writeFileSync(target, `${partitionEvents(readFileSync(join(out, file), "utf8"))}\n${BUS_ORDER}`);
} finally {
  rmSync(out, { recursive: true, force: true });
}

/** drizzle-kit knows no partitions: events is split by month, with a default for what falls outside. */
function partitionEvents(sql: string): string {
  const pattern = /(CREATE TABLE "shared"\."events" \([\s\S]*?\n\));/;
  if (!pattern.test(sql)) throw new Error('no CREATE TABLE "shared"."events" in the generated SQL');
  return sql.replace(
    pattern,
    '$1 PARTITION BY RANGE ("received_at");\n--> statement-breakpoint\nCREATE TABLE "shared"."events_default" PARTITION OF "shared"."events" DEFAULT;',
  );
}
