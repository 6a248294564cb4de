// The masthead's signs of life: the viewer's clock, events a minute, lag, and how long ago the last event was, counted on here.

const GLYPH = { live: 'live', slow: 'alert', halted: 'hold', waiting: 'clock', stale: 'cross', down: 'cross' };

export class Clock {
  constructor(words) {
    this.words = words;
    this.tick();
    setInterval(() => this.tick(), 1000);
  }

  tick() {
    const now = new Date();
    document.getElementById('now').textContent = this.words.clock(now);
    document.getElementById('day').textContent = this.words.weekday(now);
  }
}

export class Vitals {
  constructor(state, words) {
    Object.assign(this, { words, staleAfter: state.stale_after_s, halted: state.halted, link: 'up', detail: null });
    this.feed = document.getElementById('feed');
    this.told = '';
    this.take(state.freshness);
    setInterval(() => this.draw(), 1000);
  }

  take(freshness) {
    if (!freshness) return;
    this.staleSince = freshness.stale_since ? new Date(freshness.stale_since) : null;
    this.lastEvent = performance.now() - freshness.seconds * 1000;
    document.getElementById('rate').textContent = this.words.number(freshness.per_minute);
    document.getElementById('lag').textContent = freshness.lag ? this.words.number(freshness.lag.p95, 2) : '–';
    const top = Math.max(1, ...freshness.minutes), step = 90 / Math.max(1, freshness.minutes.length - 1);
    document.getElementById('spark').setAttribute('points', freshness.minutes.map((n, i) => `${(2 + i * step).toFixed(1)},${(23 - 18 * n / top).toFixed(1)}`).join(' '));
    this.draw();
  }

  // A ranking tells of a newer event before the next freshness does.
  heard(ranking) {
    this.halted = ranking.halted;
    const age = Math.max(0, Date.now() - Date.parse(ranking.as_of));
    this.lastEvent = Math.max(this.lastEvent ?? -Infinity, performance.now() - age);
    this.draw();
  }

  connection(link, detail) {
    Object.assign(this, { link, detail });
    document.documentElement.dataset.link = link;
    this.draw();
  }

  draw() {
    const { words } = this, seconds = this.lastEvent === undefined ? null : Math.max(0, (performance.now() - this.lastEvent) / 1000);
    const state = this.link === 'down' ? 'down' : this.staleSince ? 'stale' : seconds === null ? 'waiting' : this.halted ? 'halted' : seconds > this.staleAfter ? 'slow' : 'live';
    const since = { down: this.detail?.since, stale: this.staleSince }[state];
    const word = since ? words.fill(`${state}_since`, { time: words.time(since) }) : words.text[state];
    const ago = seconds === null ? '' : words.fill('ago', { time: words.duration(seconds) });
    this.feed.dataset.state = state;
    this.feed.querySelector('use').setAttribute('href', `#${GLYPH[state]}`);
    this.feed.querySelector('.word').textContent = word;
    this.feed.querySelector('small').textContent = state === 'down' ? this.retry() : ago;
    this.speak(word, seconds);
  }

  retry() {
    const { retryIn } = this.detail;
    return retryIn === null ? this.words.text.retrying : this.words.fill('retry_in', { seconds: Math.ceil(retryIn) });
  }

  // Announces a change of state, and the age in whole minutes: never every second.
  speak(word, seconds) {
    const minutes = seconds === null ? 0 : Math.floor(seconds / 60);
    const age = minutes ? `, ${this.words.fill('ago', { time: this.words.duration(minutes * 60) })}` : '';
    if (word + age !== this.told) document.getElementById('spoken').textContent = this.told = word + age;
  }
}
