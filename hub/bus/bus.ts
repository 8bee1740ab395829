import type { DatabaseConnection } from "@watchpost/db";
import { BUS_CHANNEL, type Message, type Topic } from "./publish.ts";

const READ_ROWS_MAX = 500;
const REPLAY_ROWS_MAX = 5_000;
const POLL_INTERVAL_MS = 5_000;

export interface Published extends Message {
  /** Ascending in commit order; the id of /ai-stream and of Insight. */
  id: number;
  createdAt: Date;
}

export type Subscriber = (message: Published) => void;

export interface Bus {
  /** Calls back for each message from now on. Returns the way out. Subscribers must not throw or block. */
  subscribe(subscriber: Subscriber): () => void;
  /** Messages of a topic after `afterId`, oldest first; at most 5,000 (the newest of them). */
  replay(topic: Topic, afterId: number): Promise<Published[]>;
  lastId(): number;
  close(): Promise<void>;
}

/** Follows the bus table: LISTEN wakes it, and a slow poll covers a lost notification. */
export async function openBus(sql: DatabaseConnection["sql"], onError: (error: unknown) => void): Promise<Bus> {
  const subscribers = new Set<Subscriber>();
  const [row] = await sql<{ id: string | null }[]>`select max(id) as id from shared.bus`;
  let lastId = Number(row?.id ?? 0);
  let reading: Promise<void> | undefined;
  let again = false;

  async function readAll(): Promise<void> {
    while (again) {
      again = false;
      const rows = await sql<Row[]>`
        select id, topic, key, payload, created_at from shared.bus where id > ${lastId} order by id limit ${READ_ROWS_MAX}`;
      for (const message of rows.map(published)) {
        lastId = message.id;
        for (const subscriber of subscribers) subscriber(message);
      }
      again ||= rows.length === READ_ROWS_MAX;
    }
  }

  function wake(): void {
    again = true;
    reading ??= readAll()
      .catch(onError)
      .finally(() => {
        reading = undefined;
      });
  }

  const listening = await sql.listen(BUS_CHANNEL, wake, wake);
  const timer = setInterval(wake, POLL_INTERVAL_MS);
  timer.unref();

  return {
    subscribe(subscriber) {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
    async replay(topic, afterId) {
      const rows = await sql<Row[]>`
        select id, topic, key, payload, created_at from shared.bus
        where topic = ${topic} and id > ${afterId} order by id desc limit ${REPLAY_ROWS_MAX}`;
      return rows.map(published).toReversed();
    },
    lastId: () => lastId,
    async close() {
      clearInterval(timer);
      await listening.unlisten();
      await reading;
    },
  };
}

interface Row {
  id: string;
  topic: Topic;
  key: string;
  payload: Record<string, unknown>;
  created_at: Date;
}

function published(row: Row): Published {
  return { id: Number(row.id), topic: row.topic, key: row.key, payload: row.payload, createdAt: row.created_at };
}
