// The way to the agent: a native messaging port that is opened again whenever it closes.
// In: messages. Out: the same, numbered, in order. Never: a message kept for later; on a new port the current
// state is asked for instead, so that nothing old is ever taken for new.

const HOST = "com.planwhy.agent";
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 20000;

export class Link {
  constructor(browser, hello, onAsk) {
    this.browser = browser;
    this.hello = hello;
    this.onAsk = onAsk;
    this.port = null;
    this.seq = 0;
    this.waitMs = FIRST_WAIT_MS;
    this.timer = null;
  }

  open() {
    if (this.port) return;
    clearTimeout(this.timer);
    const port = this.browser.runtime.connectNative(HOST);
    this.port = port;
    port.onDisconnect.addListener(() => this.closed(port));
    port.onMessage.addListener((message) => this.heard(message));
    this.send(this.hello);
    this.onAsk(true);
  }

  send(message) {
    if (!this.port) return;
    this.seq += 1;
    try {
      this.port.postMessage({ ...message, seq: this.seq });
    } catch {
      this.closed(this.port);
    }
  }

  heard(message) {
    this.waitMs = FIRST_WAIT_MS;
    const type = message && message.type;
    if (type === "ask") this.send(this.hello);
    if (type === "ask" || type === "tell") this.onAsk(type === "ask");
  }

  closed(port) {
    void this.browser.runtime.lastError;
    if (port !== this.port) return;
    this.port = null;
    this.timer = setTimeout(() => this.open(), this.waitMs);
    this.waitMs = Math.min(2 * this.waitMs, LONGEST_WAIT_MS);
  }
}
