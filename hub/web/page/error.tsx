import { ErrorPage, Notice, ToastPartial } from "@watchpost/ui";
import type { Problem } from "../problem.ts";
import type { WebRequest } from "../request.ts";
import { themeOf } from "./shell.ts";

/** The same problem as a page. */
export function errorPage(c: WebRequest, problem: Problem): Response | Promise<Response> {
  const { status, title, detail, requestId } = problem;
  return c.html(<ErrorPage view={{ status, title, detail, requestId, theme: themeOf(c) }} />, status);
}

/** The same problem in the corner of a page that is open. 200, because htmx shows it then without an error of its own. */
export function errorToast(c: WebRequest, problem: Problem): Response | Promise<Response> {
  return c.html(
    <ToastPartial>
      <Notice tone="error">{problem.detail}</Notice>
    </ToastPartial>,
  );
}
