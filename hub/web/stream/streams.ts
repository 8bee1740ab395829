import { HubError } from "../../error.ts";

const STREAMS_MAX = 2_000;
/** Of one person, all their tabs and programs together: nobody can take everybody's place. */
const STREAMS_OF_ONE_MAX = 200;
const UNREAD_BYTES_MAX = 8_388_608;
const HEARTBEAT_INTERVAL_MS = 15_000;
const RECONNECT_AFTER_MS = 2_000;

const encoder = new TextEncoder();
const HEARTBEAT = encoder.encode(": heartbeat\n\n");
const OPENING = encoder.encode(`retry: ${RECONNECT_AFTER_MS}\n\n`);

/** One open stream, as the source of its messages sees it. */
export interface StreamClient {
  /** Queues a chunk that `sseChunk` made; chunks may be shared between clients. Does nothing once it is closed. */
  send(chunk: Uint8Array): void;
  close(): void;
}

/** Called once the stream is open; what it returns is called when the stream ends, however that comes. */
export type StreamSource = (client: StreamClient) => () => void;

export interface StreamReader {
  /** Id of the user behind it. */
  owner: string;
  /** Asked at every heartbeat: a session may end while its stream is open. */
  stillAllowed(): Promise<boolean>;
}

/** All open event streams of this hub. */
export interface LiveStreams {
  open(source: StreamSource, reader: StreamReader): Response;
  readonly size: number;
  /** Ends every stream and takes no more: call it before the server stops, which waits for streams. */
  close(): void;
}

/** One message in the event-stream format. Without a name, EventSource and htmx take it as a plain message. */
export function sseChunk(message: { id?: number; event?: string; data: string }): Uint8Array {
  const head = message.id === undefined ? "" : `id: ${message.id}\n`;
  const name = message.event === undefined ? "" : `event: ${message.event}\n`;
  const lines = message.data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return encoder.encode(`${head}${name}${lines.join("")}\n`);
}

export function createLiveStreams(options: { heartbeatMs?: number } = {}): LiveStreams {
  const clients = new Set<OpenStream>();
  let closed = false;
  const timer = setInterval(() => {
    for (const client of clients) client.beat();
  }, options.heartbeatMs ?? HEARTBEAT_INTERVAL_MS);
  timer.unref();

  return {
    open(source, reader) {
      if (closed) throw new HubError("not-available", "This hub is stopping; reconnect in a moment.");
      if (clients.size >= STREAMS_MAX)
        throw new HubError(
          "not-available",
          `${STREAMS_MAX} event streams are open, which is the limit. Try again later.`,
        );
      if (clients.size >= STREAMS_OF_ONE_MAX && openOf(clients, reader.owner) >= STREAMS_OF_ONE_MAX)
        throw new HubError("too-many-requests", `${STREAMS_OF_ONE_MAX} of your event streams are open. Close some.`);
      const stream = openClient(source, reader, clients);
      const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" };
      return new Response(stream, { headers: { ...headers, "x-accel-buffering": "no" } });
    },
    get size() {
      return clients.size;
    },
    close() {
      closed = true;
      clearInterval(timer);
      for (const client of clients) client.close();
    },
  };
}

function openOf(clients: ReadonlySet<OpenStream>, owner: string): number {
  return [...clients].filter((client) => client.owner === owner).length;
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

class OpenStream implements StreamClient {
  readonly owner: string;
  readonly #controller: Controller;
  readonly #reader: StreamReader;
  readonly #onEnd: () => void;
  #isOpen = true;

  constructor(controller: Controller, reader: StreamReader, onEnd: (client: OpenStream) => void) {
    this.owner = reader.owner;
    this.#controller = controller;
    this.#reader = reader;
    this.#onEnd = () => onEnd(this);
    controller.enqueue(OPENING);
  }

  send(chunk: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#controller.enqueue(chunk);
    if ((this.#controller.desiredSize ?? 0) > 0) return;
    this.#controller.enqueue(sseChunk({ event: "cut", data: tooSlow() }));
    this.close();
  }

  beat(): void {
    // A reader that still has something to read needs no sign of life.
    if (this.#isOpen && this.#controller.desiredSize === UNREAD_BYTES_MAX) this.#controller.enqueue(HEARTBEAT);
    this.#reader.stillAllowed().then(
      (allowed) => (allowed ? undefined : this.close()),
      () => this.close(),
    );
  }

  close(): void {
    if (!this.#isOpen) return;
    this.left();
    this.#controller.close();
  }

  /** The reader is gone; nothing can be written any more. */
  left(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#onEnd();
  }
}

function openClient(source: StreamSource, reader: StreamReader, clients: Set<OpenStream>): ReadableStream<Uint8Array> {
  const current: { client?: OpenStream; leave?: () => void } = {};
  const onEnd = (client: OpenStream) => {
    clients.delete(client);
    current.leave?.();
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const client = new OpenStream(controller, reader, onEnd);
        current.client = client;
        clients.add(client);
        const leave = source(client);
        // The source may have overrun the buffer at once.
        if (clients.has(client)) current.leave = leave;
        else leave();
      },
      cancel() {
        current.client?.left();
      },
    },
    { highWaterMark: UNREAD_BYTES_MAX, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}

function tooSlow(): string {
  const detail = `More than ${UNREAD_BYTES_MAX} bytes were not read. Reconnect with Last-Event-ID to go on.`;
  return JSON.stringify({ code: "too-slow", detail });
}
