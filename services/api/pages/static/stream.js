// Follows /v1/stream, and comes again when it breaks: with the id seen last, so that nothing is missed and nothing is replayed.

const SILENCE_MS = 25000; // freshness comes every 5 s: a connection that says nothing for so long is dead, whatever the socket thinks
const FIRST_TRY_MS = 1000;
const LAST_TRY_MS = 15000;

export class Stream {
  // on: { ranking, flag, evaluation, freshness, state(name, detail) }
  constructor(block, after, on) {
    Object.assign(this, { block, after, on, tries: 0, lostAt: null });
    this.open();
    setInterval(() => this.watch(), 1000);
  }

  open() {
    const query = new URLSearchParams({ block: this.block, after: this.after });
    this.heard = performance.now();
    this.retryAt = null;
    const source = this.source = new EventSource(`/v1/stream?${query}`);
    source.onopen = () => this.opened(source);
    source.onerror = () => this.lost(source);
    for (const name of ['ranking', 'flag', 'evaluation', 'freshness']) {
      source.addEventListener(name, event => this.received(name, event));
    }
    source.addEventListener('reconnect', () => this.lost(source, FIRST_TRY_MS * Math.random()));
  }

  opened(source) {
    if (source !== this.source) return;
    this.heard = performance.now();
    this.tries = 0;
    this.lostAt = null;
    this.on.state('up');
  }

  received(name, event) {
    this.heard = performance.now();
    if (event.lastEventId) this.after = event.lastEventId;
    this.on[name](JSON.parse(event.data));
  }

  lost(source, wait = Math.min(LAST_TRY_MS, FIRST_TRY_MS * 2 ** this.tries) * (0.75 + 0.5 * Math.random())) {
    if (source !== this.source) return;
    source.close();
    this.source = null;
    this.tries += 1;
    this.lostAt ??= new Date();
    this.retryAt = performance.now() + wait;
    this.on.state('down', this.detail());
  }

  detail() { return { since: this.lostAt, retryIn: this.retryAt === null ? null : Math.max(0, (this.retryAt - performance.now()) / 1000) }; }

  watch() {
    const now = performance.now();
    if (this.source && now - this.heard > SILENCE_MS) this.lost(this.source);
    else if (!this.source && now >= this.retryAt) this.open();
    if (this.lostAt) this.on.state('down', this.detail());
  }
}
