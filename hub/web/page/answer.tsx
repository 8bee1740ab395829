import { Notice, type NoticeTone, ToastPartial } from "@watchpost/ui";
import { HubError } from "../../error.ts";
import type { WebRequest } from "../request.ts";
import { type Region, renderNode } from "../view/index.ts";

export function fromHtmx(c: WebRequest): boolean {
  return c.req.header("hx-request") === "true";
}

export interface Answer {
  /** What changed on the page that asked. */
  regions: Region[];
  /** A word in the corner. */
  say?: { tone: NoticeTone; text: string };
  /** Where a browser without script goes. */
  back: string;
}

/** Answers a button: regions and a word to htmx, a redirect to a plain browser. */
export async function answer(c: WebRequest, { regions, say, back }: Answer): Promise<Response> {
  if (!fromHtmx(c)) return c.redirect(back, 303);
  const toast = await renderNode(
    <ToastPartial>{say === undefined ? "" : <Notice tone={say.tone}>{say.text}</Notice>}</ToastPartial>,
  );
  return c.html([...regions.map((region) => region.html), toast].join("\n"));
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id from the path or a form: a UUID or nothing. */
export function requireId(what: string, id: string | undefined): string {
  if (id !== undefined && UUID.test(id)) return id;
  throw new HubError("not-found", `There is no ${what} ${(id ?? "").slice(0, 60)}.`);
}

/** A form's text fields; files and repeated fields are not text. */
export async function formFields(c: WebRequest): Promise<Record<string, string>> {
  const body = await c.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}
