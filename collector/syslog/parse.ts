/** One message, as far as it says. Texts are bounded but not yet tamed. */
export interface SyslogMessage {
  facility: number;
  /** 0 emergency to 7 debug. */
  severity: number;
  format: "rfc5424" | "rfc3164" | "bare";
  hostname: string;
  app: string;
  process: string;
  messageId: string;
  /** Structured data as it stands; empty when there is none. */
  structured: string;
  text: string;
}

const PRIORITY_MAX = 191;
const USER_NOTICE = 13;
const FIELD_CHARS_MAX = 255;
const STRUCTURED_CHARS_MAX = 1_000;
const TEXT_CHARS_MAX = 2_000;
const BOM = "\uFEFF";

/** VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP; each field "-" when it is not there. */
const HEADER_5424 = /^1 (\S{1,64}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,128})(?: |$)/;
/** "Oct 11 22:14:15 host tag: text"; makers add a year, milliseconds, a zone, an asterisk, or leave the host away. */
const TIME_3164 =
  /^[*.]?[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?: [A-Z]{3,5}(?=[: ]))?(: | |$)/;
const TIME_ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?:? /;
const TAG = /^([A-Za-z0-9_./%-]{1,48})(?:\[([^\]\s]{1,32})\])?: ?/;
const HOST = /^([A-Za-z0-9][A-Za-z0-9._:-]{0,254}) /;

/** Takes any text: what follows no RFC is the text of a message of "user" and "notice", as RFC 3164 says. */
export function parseSyslog(raw: string): SyslogMessage {
  const { priority, rest } = readPriority(raw.replace(/[\0\r\n]+$/, ""));
  const base = { facility: priority >> 3, severity: priority & 7 };
  return { ...base, ...(parse5424(rest) ?? parse3164(rest)) };
}

type Content = Omit<SyslogMessage, "facility" | "severity">;

function readPriority(raw: string): { priority: number; rest: string } {
  const match = /^<(\d{1,3})>/.exec(raw);
  const priority = Number(match?.[1] ?? Number.NaN);
  if (!match || !(priority <= PRIORITY_MAX)) return { priority: USER_NOTICE, rest: raw };
  return { priority, rest: raw.slice(match[0].length) };
}

function parse5424(rest: string): Content | undefined {
  const match = HEADER_5424.exec(rest);
  if (!match) return undefined;
  const [header, , hostname = "", app = "", process = "", messageId = ""] = match;
  const tail = rest.slice(header.length);
  const end = structuredEnd(tail);
  const structured = tail.slice(0, end) === "-" ? "" : tail.slice(0, end);
  const text = tail.slice(end).replace(/^ /, "");
  return content("rfc5424", {
    hostname: nil(hostname),
    app: nil(app),
    process: nil(process),
    messageId: nil(messageId),
    structured,
    text: text.startsWith(BOM) ? text.slice(1) : text,
  });
}

/** Where STRUCTURED-DATA ends: "-", or elements in brackets whose values may hold escaped quotes and brackets. */
function structuredEnd(tail: string): number {
  if (tail.startsWith("-")) return 1;
  let at = 0;
  while (tail[at] === "[") {
    let isQuoted = false;
    let end = at + 1;
    for (; end < tail.length; end += 1) {
      const char = tail[end];
      if (isQuoted && char === "\\") end += 1;
      else if (char === '"') isQuoted = !isQuoted;
      else if (char === "]" && !isQuoted) break;
    }
    // Never closed: then it is text.
    if (end >= tail.length) return at;
    at = end + 1;
  }
  return at;
}

function parse3164(rest: string): Content {
  const time = TIME_3164.exec(rest) ?? TIME_ISO.exec(rest);
  if (!time) return content("bare", { ...tagOf(withoutCounter(rest)), hostname: "" });
  const after = rest.slice(time[0].length);
  // "Oct 11 22:14:15: %LINK-3-UPDOWN: …" has no host: its time ends with a colon.
  const host = time[0].endsWith(": ") ? null : HOST.exec(after);
  const isTag = host !== null && host[1]?.endsWith(":") === true;
  if (!host || isTag) return content("rfc3164", { ...tagOf(after), hostname: "" });
  return content("rfc3164", { ...tagOf(after.slice(host[0].length)), hostname: host[1] ?? "" });
}

/** Routers number their lines: "12345: *Oct 11 …" */
function withoutCounter(rest: string): string {
  const counted = /^\d{1,10}: /.exec(rest);
  const inner = counted ? rest.slice(counted[0].length) : rest;
  const time = TIME_3164.exec(inner);
  return time ? inner.slice(time[0].length) : inner;
}

function tagOf(text: string): Pick<Content, "app" | "process" | "text"> {
  const tag = TAG.exec(text);
  // "%LINK-3-UPDOWN: …" is part of what is said, not a program.
  if (!tag || tag[1]?.startsWith("%")) return { app: "", process: "", text };
  return { app: tag[1] ?? "", process: tag[2] ?? "", text: text.slice(tag[0].length) };
}

function content(format: SyslogMessage["format"], fields: Partial<Content>): Content {
  const { hostname = "", app = "", process = "", messageId = "", structured = "", text = "" } = fields;
  return {
    format,
    hostname: hostname.slice(0, FIELD_CHARS_MAX),
    app: app.slice(0, FIELD_CHARS_MAX),
    process: process.slice(0, FIELD_CHARS_MAX),
    messageId: messageId.slice(0, FIELD_CHARS_MAX),
    structured: structured.slice(0, STRUCTURED_CHARS_MAX),
    text: text.slice(0, TEXT_CHARS_MAX),
  };
}

function nil(field: string): string {
  return field === "-" ? "" : field;
}
