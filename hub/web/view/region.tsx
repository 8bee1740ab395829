import type { HtmlEscapedString } from "hono/utils/html";
import { Partial } from "@watchpost/ui";

/** One element of a page that may change, as HTML with that id at its root. */
export interface Region {
  id: string;
  html: string;
}

type Node = HtmlEscapedString | Promise<HtmlEscapedString>;

export async function renderNode(node: Node): Promise<string> {
  return (await node).toString();
}

export async function region(id: string, node: Node): Promise<Region> {
  return { id, html: await renderNode(<Partial id={id}>{node}</Partial>) };
}
