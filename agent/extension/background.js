// Which tab is in front, told to the agent on this computer.
// In: the browser's events. Out: {type: "tab", url, title}, or {type: "blur"} while no ordinary window of this
// browser has the focus. Never: anything of a private window, a query, a fragment, or a page still loading, unless
// it loads for longer than LOADING_MS.

import { Link } from "./link.js";
import { addressOf, titleOf } from "./page.js";

const api = globalThis.browser ?? globalThis.chrome;
const NONE = api.windows.WINDOW_ID_NONE;
const LOADING_MS = 2000;
const ALARM = "stay";

let front = NONE;
let sent = null;
let loading = null;
let turn = Promise.resolve();

const link = new Link(api, { type: "hello", browser: nameOfBrowser() }, () => inTurn(tellAgain));

function nameOfBrowser() {
  return globalThis.navigator.userAgent.includes("Firefox/") ? "firefox" : "chromium";
}

// Answers of the browser arrive in any order; events are dealt with one after the other.
function inTurn(step) {
  turn = turn.then(step).catch((error) => console.warn("planwhy:", error.message));
}

function tell(message) {
  const text = JSON.stringify(message);
  if (text === sent) return;
  sent = text;
  link.send(message);
}

function tellTab(tab) {
  clearTimeout(loading);
  if (tab.incognito) tell({ type: "blur" });
  else tell({ type: "tab", url: addressOf(tab.url ?? ""), title: titleOf(tab.title, tab.url, tab.pendingUrl) });
}

async function tellFront(evenLoading = false) {
  clearTimeout(loading);
  const [tab] = front === NONE ? [] : await api.tabs.query({ active: true, windowId: front });
  if (!tab) tell({ type: "blur" });
  else if (tab.status === "complete" || evenLoading) tellTab(tab);
  else loading = setTimeout(() => inTurn(() => tellFront(true)), LOADING_MS);
}

async function tellAgain() {
  const last = await api.windows.getLastFocused().catch(() => null);
  front = last && last.focused && !last.incognito ? last.id : NONE;
  sent = null;
  await tellFront(true);
}

api.windows.onFocusChanged.addListener((id) =>
  inTurn(async () => {
    front = id;
    await tellFront();
  }),
);

api.tabs.onActivated.addListener(({ windowId }) =>
  inTurn(async () => {
    if (windowId === front) await tellFront();
  }),
);

api.tabs.onUpdated.addListener((_id, change, tab) =>
  inTurn(async () => {
    if (!tab.active || tab.windowId !== front) return;
    if (tab.status === "complete") tellTab(tab);
    else if (change.status === "loading") await tellFront();
  }),
);

api.tabs.onReplaced.addListener(() => inTurn(() => tellFront()));

api.alarms.create(ALARM, { periodInMinutes: 0.5 });
api.alarms.onAlarm.addListener(() => link.open());
api.runtime.onStartup.addListener(() => link.open());
api.runtime.onInstalled.addListener(() => link.open());
link.open();
