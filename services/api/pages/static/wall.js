// What the pages of a wall share: the masthead, flags and notices, and rankings taken from the stream at most once a second.

import { Flags } from './flags.js';
import { Halt } from './halt.js';
import { Stream } from './stream.js';
import { Clock, Vitals } from './vitals.js';
import { Words } from './words.js';

const MOVE_EVERY_MS = 1000; // at most one reorder a second: changes are collected and moved once

export class Wall {
  constructor() {
    this.state = JSON.parse(document.getElementById('state').textContent);
    this.words = new Words(this.state.lang, this.state.text);
    this.flags = new Flags(this.state, this.words);
    this.vitals = new Vitals(this.state, this.words);
    this.halt = new Halt(this.state.ranking, this.words);
    new Clock(this.words);
    Object.assign(this, { waiting: null, timer: null, movedAt: -Infinity });
  }

  // `take` draws a new ranking, `flagged` the marks of open flags. Returns the stream.
  follow(take, flagged) {
    document.documentElement.dataset.link = 'connecting';
    return new Stream(this.state.block, this.state.after, {
      ranking: ranking => this.ranked(ranking, take),
      flag: flag => this.flag(flag, flagged),
      evaluation: evaluation => this.flags.evaluate(evaluation),
      freshness: freshness => this.vitals.take(freshness),
      state: (link, detail) => this.vitals.connection(link, detail),
    });
  }

  ranked(ranking, take) {
    if (this.needsNewPage(ranking)) return void location.reload();
    this.waiting = ranking;
    this.vitals.heard(ranking);
    this.halt.take(ranking);
    this.timer ??= setTimeout(() => this.move(take), Math.max(0, this.movedAt + MOVE_EVERY_MS - performance.now()));
  }

  // Another number of units, other groups or other titles change the page itself, not only its figures.
  needsNewPage(ranking) {
    const drawn = this.state.ranking;
    return ranking.units.length !== drawn.units.length || ranking.groups.length !== drawn.groups.length || ranking.pack !== drawn.pack;
  }

  move(take) {
    this.timer = null;
    this.movedAt = performance.now();
    take(this.waiting);
    document.getElementById('period').textContent = this.words.compared(this.waiting);
  }

  flag(flag, flagged) {
    this.flags.take(flag);
    flagged(this.flags.byUnit());
    document.getElementById('key-solid')?.toggleAttribute('hidden', !this.flags.hasConfirmed());
  }
}
