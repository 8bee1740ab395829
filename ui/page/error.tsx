import { Icon } from "../component/icon.tsx";
import { Document, type Theme } from "./document.tsx";

export interface ErrorView {
  status: number;
  title: string;
  /** What, which object, which numbers, what to do next. */
  detail: string;
  requestId: string;
  theme?: Theme;
}

export function ErrorPage({ view }: { view: ErrorView }) {
  return (
    <Document title={view.title} theme={view.theme ?? "dark"}>
      <body>
        <main class="alone">
          <div>
            <Icon name="circle-alert" class="warning" />
            <h1>{view.title}</h1>
            <p>{view.detail.charAt(0).toUpperCase() + view.detail.slice(1)}</p>
            <p>
              <a href="/">Go to the overview</a>, or <a href="/search">search</a> for it.
            </p>
            <p class="faint mono">
              {view.status} request {view.requestId}
            </p>
          </div>
        </main>
      </body>
    </Document>
  );
}
