/** The connection state in the top bar: what the reader sees is live, or the bar says that it is not. */
export function watchConnection(): void {
  const state = document.getElementById("connection");
  if (!state || !document.querySelector("[data-live]")) return;
  const show = (name: "live" | "lost", text: string) => {
    state.dataset["state"] = name;
    if (state.textContent !== text) state.textContent = text;
  };
  const live = () => show("live", "Live");
  const lost = () => show("lost", "Reconnecting");
  document.addEventListener("htmx:sse:after:connection", live);
  document.addEventListener("htmx:sse:after:message", live);
  document.addEventListener("htmx:error", lost);
  document.addEventListener("htmx:sse:before:connection", (event) => {
    if (detailOf(event).connection?.attempt) lost();
  });
  document.addEventListener("htmx:sse:error", (event) => {
    // The session has ended: the server shows the way to sign in.
    if (detailOf(event).status === 401) location.reload();
    else lost();
  });
}

function detailOf(event: Event): { status?: number; connection?: { attempt: number } } {
  return event instanceof CustomEvent ? event.detail : {};
}
