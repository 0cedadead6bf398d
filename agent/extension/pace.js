// How often the agent is told: BURST messages at once, then one in EVERY_MS. In: messages, as often as a page likes.
// Out: the same, or the last of those that came too fast. Never: an old state after a newer one.

const BURST = 6;
const EVERY_MS = 500;

export class Pace {
  constructor(send, now = () => globalThis.performance.now()) {
    this.send = send;
    this.now = now;
    this.left = BURST;
    this.at = now();
    this.held = null;
    this.timer = null;
  }

  say(message) {
    this.held = message;
    if (this.timer === null) this.next();
  }

  next() {
    this.timer = null;
    const now = this.now();
    this.left = Math.min(BURST, this.left + (now - this.at) / EVERY_MS);
    this.at = now;
    if (this.held === null) return;
    if (this.left < 1) {
      this.timer = setTimeout(() => this.next(), Math.ceil((1 - this.left) * EVERY_MS));
      return;
    }
    this.left -= 1;
    const message = this.held;
    this.held = null;
    this.send(message);
  }
}
