import type { FC } from "hono/jsx";

export interface SignInView {
  token: string;
  /** Where to go afterwards: a path of this hub. */
  next: string;
  /** Why the last try did not work. */
  problem?: string;
}

/** Opening the link changes nothing, because mail scanners open links too; the button spends it. */
export const SignInPage: FC<SignInView> = ({ token, next, problem }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="dark light" />
      <title>Sign in · Watchpost</title>
      <link rel="stylesheet" href="/assets/app.css" />
    </head>
    <body class="sign-in">
      <main>
        <h1>Watchpost</h1>
        {problem === undefined ? null : <p role="alert">{problem}</p>}
        {token === "" ? (
          <p>
            Open your one-time sign-in link. To get one, ask an admin, or run <code>hub sign-in-link</code> on the hub.
          </p>
        ) : (
          <form method="post" action="/sign-in">
            <input type="hidden" name="token" value={token} />
            <input type="hidden" name="next" value={next} />
            <button type="submit">Sign in</button>
          </form>
        )}
      </main>
    </body>
  </html>
);
