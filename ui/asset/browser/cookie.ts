const YEAR_S = 31_536_000;

/** Keeps a choice so that the next page comes as this one was left. */
export function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax`;
}
