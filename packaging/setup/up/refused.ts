/** Why `npm start` cannot go on, as one clear sentence for the person at the terminal. */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
}
