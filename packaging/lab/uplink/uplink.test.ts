import { afterAll, expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { Uplink } from "./index.ts";

const echo = createServer((socket) => socket.on("error", () => socket.destroy()).pipe(socket));
await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
const address = echo.address();
const echoAt = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
const uplink = await Uplink.open({ link: 0, enrollment: 0, remoteWrite: 0 });
afterAll(async () => {
  await uplink.close();
  echo.close();
});

/** Sends a word through the proxy; resolves with what comes back, or "closed". */
function exchange(socket: Socket, word: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("close", () => resolve("closed"));
    socket.write(word);
  });
}

function dial(port: number): Socket {
  return connect({ host: "127.0.0.1", port }).on("error", () => undefined);
}

test("refuses until it has a target, which may come after the start", async () => {
  expect(await exchange(dial(uplink.link.port), "hello")).toBe("closed");
  uplink.setTargets({ link: echoAt, remoteWrite: echoAt });
  expect(await exchange(dial(uplink.link.port), "hello")).toBe("hello");
  expect(await exchange(dial(uplink.enrollment.port), "hello")).toBe("closed");
});

test("a cut ends open connections and refuses new ones until the last cut is mended", async () => {
  const open = dial(uplink.remoteWrite.port);
  expect(await exchange(open, "one")).toBe("one");
  const ended = new Promise<string>((resolve) => open.once("close", () => resolve("ended")));
  uplink.cut("first");
  uplink.cut("second");
  expect(await ended).toBe("ended");
  expect(await exchange(dial(uplink.link.port), "two")).toBe("closed");
  uplink.mend("first");
  expect(await exchange(dial(uplink.link.port), "three")).toBe("closed");
  uplink.mend("second");
  expect(await exchange(dial(uplink.link.port), "four")).toBe("four");
});

test("passes a megabyte through unharmed", async () => {
  const sent = Buffer.alloc(1_048_576, "0123456789abcdef");
  const socket = dial(uplink.link.port);
  const received: Buffer[] = [];
  const done = new Promise<void>((resolve) => {
    socket.on("data", (data: Buffer) => {
      received.push(data);
      if (received.reduce((sum, part) => sum + part.length, 0) === sent.length) resolve();
    });
  });
  socket.write(sent);
  await done;
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  socket.destroy();
});

test("a target that is not host:port is refused with its text", () => {
  expect(() => uplink.link.setTarget("hub")).toThrow('uplink target "hub" for link is not host:port');
});
