import postgres from "postgres";
import type { ScenarioSite } from "../site/site.ts";

const POLL_MS = 250;
const DEADLINE_MS = 300_000;

/** How long it takes from now until so many incidents have a diagnosis. */
export async function untilAnalysed(site: ScenarioSite, incidents: number, meanwhile: () => void): Promise<number> {
  const sql = postgres(site.databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    return await site.until(
      "every incident is analysed",
      async () => {
        meanwhile();
        await Bun.sleep(POLL_MS);
        const [row] = await sql<
          { done: number }[]
        >`select count(*)::int as done from shared.incidents where ai_analysis is not null`;
        return (row?.done ?? 0) >= incidents;
      },
      DEADLINE_MS,
    );
  } finally {
    await sql.end();
  }
}
