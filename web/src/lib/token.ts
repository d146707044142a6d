/** The one-time token of a link from the terminal. It stands behind the #, so it never reaches a server's log. */

let kept = "";

/** Takes the token out of the address, so that it is neither shown nor kept in the history. */
export function tokenFromAddress(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    kept = token;
    history.replaceState(null, "", location.pathname);
  }
  return kept;
}
