// What may leave the browser of one page. In: a tab as the browser describes it. Out: the address without query,
// fragment and credentials, or null, and the title without them. Never: a private tab. Pure: no browser interface.

const URL_CHARS = 2048;
const TITLE_CHARS = 1024;

export function addressOf(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  const address = `${url.protocol}//${url.host}${url.pathname}`;
  return address.length <= URL_CHARS ? address : `${url.protocol}//${url.host}/`;
}

// A page without a title shows its address as one, and so do many error pages and a page that is still to come:
// the same parts of all these addresses go there too.
export function titleOf(title, ...addresses) {
  let shown = title || "";
  for (const part of addresses.flatMap(secretParts)) shown = shown.split(part).join("");
  return Array.from(shown.slice(0, 2 * TITLE_CHARS)).slice(0, TITLE_CHARS).join("").toWellFormed();
}

function secretParts(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return [];
  }
  const login = url.username ? `${url.username}${url.password ? `:${url.password}` : ""}@` : "";
  const parts = [url.search + url.hash, url.search, url.hash, login];
  return parts.flatMap((part) => [part, decoded(part)]).filter((part) => part.length > 1);
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
