// Which tab is in front, told to the agent on this computer, and now and then which sites are open.
// In: the browser's events. Out: {type: "tab", url, title}, or {type: "blur"} while no ordinary window of this
// browser has the focus; {type: "open", sites}. Never: anything of a private window, a query, a fragment, or a page
// still loading, unless it loads for longer than LOADING_MS.

import { Link } from "./link.js";
import { Pace } from "./pace.js";
import { addressOf, sitesOf, titleOf } from "./page.js";

const api = globalThis.browser ?? globalThis.chrome;
const NONE = api.windows.WINDOW_ID_NONE;
const LOADING_MS = 2000;
// A worker that was ended comes back with the next event of a tab or a window, or else with the next alarm. Browsers
// let one alarm go off every 30 s; two of them, half a period apart, bring it back within 15 s.
const PERIOD_MINUTES = 0.5;
const ALARMS = { stay: PERIOD_MINUTES, "stay between": 1.5 * PERIOD_MINUTES };

let front = NONE;
let sent = null;
let sites = null;
let loading = null;
let turn = Promise.resolve();

const link = new Link(api, { type: "hello", browser: nameOfBrowser() }, (anew) => inTurn(() => tellAgain(anew)));
const pace = new Pace((message) => link.send(message));

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
  pace.say(message);
}

function stopWaiting() {
  clearTimeout(loading);
  loading = null;
}

function tellTab(tab) {
  stopWaiting();
  if (tab.incognito) tell({ type: "blur" });
  else tell({ type: "tab", url: addressOf(tab.url ?? ""), title: titleOf(tab.title, tab.url, tab.pendingUrl) });
}

// A page that begins to load again and again is told like one that never ends: the wait is not begun anew.
async function tellFront(evenLoading = false) {
  const [tab] = front === NONE ? [] : await api.tabs.query({ active: true, windowId: front });
  if (tab && (tab.status === "complete" || evenLoading)) tellTab(tab);
  else if (tab) loading ??= setTimeout(() => inTurn(() => tellFront(true)), LOADING_MS);
  else {
    stopWaiting();
    tell({ type: "blur" });
  }
}

// `anew` is true for an agent that knows nothing yet: of this browser's sites neither.
async function tellAgain(anew) {
  if (anew) sites = null;
  const last = await api.windows.getLastFocused().catch(() => null);
  front = last && last.focused && !last.incognito ? last.id : NONE;
  sent = null;
  await tellFront(true);
}

async function tellSites() {
  const open = sitesOf(await api.tabs.query({ windowType: "normal" }));
  const text = JSON.stringify(open);
  if (text === sites) return;
  sites = text;
  link.send({ type: "open", sites: open });
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
api.tabs.onAttached.addListener(() => inTurn(() => tellFront()));

// An alarm that is set already goes on: set anew by a worker that just started, it would come later.
async function setAlarms() {
  for (const [name, delayInMinutes] of Object.entries(ALARMS)) {
    if (await api.alarms.get(name)) continue;
    await api.alarms.create(name, { delayInMinutes, periodInMinutes: PERIOD_MINUTES });
  }
}

api.alarms.onAlarm.addListener(() => {
  link.open();
  inTurn(tellSites);
});
api.runtime.onStartup.addListener(() => link.open());
api.runtime.onInstalled.addListener(() => link.open());
inTurn(setAlarms);
link.open();
