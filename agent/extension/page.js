// What may leave the browser of its tabs. In: tabs as the browser describes them. Out: the address without query,
// fragment and credentials, or null, and the title without them; which hosts have how many tabs. Never: a private
// tab. Pure: no browser interface.

const URL_CHARS = 2048;
const TITLE_CHARS = 1024;
const SITES = 64;
const BEGINNING = 32;

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
  for (const part of addresses.flatMap(secretParts)) shown = without(shown, part);
  return Array.from(shown.slice(0, 2 * TITLE_CHARS)).slice(0, TITLE_CHARS).join("").toWellFormed();
}

// Where only the beginning of a part fitted into the title, all that follows goes.
function without(title, part) {
  const left = title.split(part).join("");
  return part.length > BEGINNING ? left.split(part.slice(0, BEGINNING))[0] : left;
}

// The hosts with the most tabs, as [host, tabs]; in the same order as long as nothing changes.
export function sitesOf(tabs) {
  const counts = new Map();
  for (const tab of tabs) {
    const host = tab.incognito ? null : hostOf(tab.url);
    if (host) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  const byCount = [...counts].sort(([one, ones], [other, others]) => others - ones || (one < other ? -1 : 1));
  return byCount.slice(0, SITES);
}

function hostOf(text) {
  const address = addressOf(text ?? "");
  return address && new URL(address).hostname;
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
