import { assetUrl } from "../asset/index.ts";
import { Command } from "../component/empty.tsx";
import { Notice } from "../component/notice.tsx";
import { Document, type Theme } from "./document.tsx";

export interface SignInView {
  /** From the one-time link; empty when the page was opened without one. */
  token: string;
  /** Where to go afterwards: a path of this hub. */
  next: string;
  /** Why the last try did not work. */
  problem?: string;
  theme?: Theme;
}

/** Opening the link changes nothing, because mail scanners open links too; the button spends it. */
export function SignInPage({ token, next, problem, theme }: SignInView) {
  return (
    <Document title="Sign in" theme={theme ?? "dark"}>
      <body>
        <main class="alone">
          <div>
            <img src={assetUrl("favicon.svg")} alt="" width="40" height="40" />
            <h1>Sign in to Watchpost</h1>
            {problem === undefined ? null : <Notice tone="error">{problem}</Notice>}
            {token === "" ? <HowToGetLink /> : <SignInForm token={token} next={next} />}
          </div>
        </main>
      </body>
    </Document>
  );
}

function SignInForm({ token, next }: { token: string; next: string }) {
  return (
    <form method="post" action="/sign-in">
      <p>This link works once. Continue in the browser you want to stay signed in with.</p>
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="next" value={next} />
      <button class="button primary" type="submit">
        Sign in
      </button>
    </form>
  );
}

function HowToGetLink() {
  return (
    <>
      <p>Open your one-time sign-in link. To get one, ask an admin, or run this on the hub:</p>
      <Command text="hub sign-in-link" />
    </>
  );
}
