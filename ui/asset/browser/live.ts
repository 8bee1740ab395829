const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;

/**
 * The connection state in the top bar: what the reader sees is live, or the bar says that it is not. A stream that was
 * open comes back by itself; one that could not be opened at all is tried again from here.
 */
export function watchConnection(): void {
  const state = document.getElementById("connection");
  const stream = document.querySelector("[data-live]");
  if (!state || !stream) return;
  let retryMs = RETRY_FIRST_MS;

  const show = (name: "live" | "lost", text: string) => {
    state.dataset["state"] = name;
    if (state.textContent !== text) state.textContent = text;
  };
  const live = () => {
    retryMs = RETRY_FIRST_MS;
    show("live", "Live");
  };
  const lost = () => show("lost", "Reconnecting");
  const retry = () => {
    lost();
    setTimeout(() => stream.dispatchEvent(new CustomEvent("again")), retryMs);
    retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
  };

  stream.addEventListener("htmx:sse:after:connection", live);
  stream.addEventListener("htmx:sse:after:message", live);
  stream.addEventListener("htmx:error", retry);
  stream.addEventListener("htmx:response:error", (event) => {
    if (!signInAgain(detailOf(event).ctx?.response?.status)) retry();
  });
  stream.addEventListener("htmx:sse:before:connection", (event) => {
    if (detailOf(event).connection?.attempt) lost();
  });
  stream.addEventListener("htmx:sse:error", (event) => {
    if (!signInAgain(detailOf(event).status)) lost();
  });
}

/** The session has ended: the server shows the way to sign in. */
function signInAgain(status: number | undefined): boolean {
  if (status === 401) location.reload();
  return status === 401;
}

interface Detail {
  status?: number;
  connection?: { attempt: number };
  ctx?: { response?: { status: number } };
}

function detailOf(event: Event): Detail {
  return event instanceof CustomEvent ? event.detail : {};
}
