const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Postgres refuses a comparison of a uuid with anything else, so text from outside is looked at first. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
